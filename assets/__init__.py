"""Data files of the project: MJCF models, textures and the embedded encoder's weights.

Read them through `importlib.resources.files("embodied.assets")`.
"""
