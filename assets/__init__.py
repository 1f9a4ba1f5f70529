"""Data files of the project: MJCF models, textures, PDDL domains and encoders' weights.

Read them through `importlib.resources.files("embodied.assets")`.
"""
