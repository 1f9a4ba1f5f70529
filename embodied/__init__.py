"""Environments are seen by perception, which turns words and pictures into signals to act on.

Importing the package registers the Gymnasium ids `embodied/...`, and nothing else.
"""

from embodied.envs.registration import register

__version__ = "0.1.0"

register()
