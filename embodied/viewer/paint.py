"""Plain colours in the place of textures, which mjviser draws on meshes only."""

from __future__ import annotations

import mujoco
import numpy as np

RGB = int(mujoco.mjtTextureRole.mjTEXROLE_RGB)


def paint_plain(model: mujoco.MjModel) -> None:
    """Give every geom that is not a mesh the mean colour of its texture, times its own."""
    for geom in range(model.ngeom):
        material = int(model.geom_matid[geom])
        if material < 0 or model.geom_type[geom] == int(mujoco.mjtGeom.mjGEOM_MESH):
            continue
        texture = int(model.mat_texid[material, RGB])
        rgba = model.mat_rgba[material].copy()
        if texture >= 0:
            rgba[:3] *= mean_colour(model, texture)
        model.geom_matid[geom], model.geom_rgba[geom] = -1, rgba


def mean_colour(model: mujoco.MjModel, texture: int) -> np.ndarray:
    """The mean colour of a texture, [3] in 0 to 1."""
    channels = int(model.tex_nchannel[texture])
    count = int(model.tex_height[texture] * model.tex_width[texture]) * channels
    start = int(model.tex_adr[texture])
    pixels = model.tex_data[start : start + count].reshape(-1, channels)
    return pixels.mean(0)[np.arange(3) % channels] / 255
