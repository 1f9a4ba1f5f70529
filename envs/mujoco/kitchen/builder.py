"""Builds the model: materials, and geoms whose names say which object they belong to.

A geom is named `<object>:<n>`, with a `!` behind it if it glows when the object is on; a site where
things can be put `<object>@<n>`; and an object `Mug_0`.
What belongs to no object of AI2-THOR's (walls, kick plates) is named after `Room`.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import mujoco
import numpy as np

from embodied.envs.mujoco.kitchen import textures
from embodied.envs.mujoco.kitchen.shapes import Mesh, board_uv, cuboid, join, skin_uv
from embodied.envs.mujoco.kitchen.things import Shape, Spot

FIXED, CARRIED, SOLID, HIDDEN = 1, 2, 3, 5
"""Groups of geoms: seen and fixed, seen and carried, only colliding, not in this scene."""

DOOR_KP, DOOR_KV = 60.0, 12.0
"""Servo of doors and drawers: N/m or Nm/rad, and the damping that makes them glide."""

BOARDS = ("wood", "table", "stone", "splash")
"""Materials with a texture of true size, which only boxes have."""

TYPES = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
    "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
}

# name -> texture (None: plain), specular, shininess, emission.
MATERIALS: dict[str, tuple[str | None, float, float, float]] = {
    "plain": (None, 0.1, 0.1, 0),
    "matte": (None, 0.05, 0.1, 0),
    "glossy": (None, 0.6, 0.7, 0),
    "ceramic": (None, 0.5, 0.6, 0),
    "glass": (None, 0.8, 0.8, 0),
    "metal": (None, 0.8, 0.5, 0),
    "fruit": ("streaks", 0.5, 0.5, 0),
    "potato": ("freckles", 0.05, 0.1, 0),
    "crust": ("crust", 0.1, 0.1, 0),
    "food": ("crumb", 0.15, 0.2, 0),
    "leaf": ("leaf", 0.15, 0.2, 0),
    "sponge": ("crumb", 0, 0, 0),
    "wood": ("wood", 0.2, 0.2, 0),
    "table": ("wood", 0.2, 0.2, 0),
    "stone": ("stone", 0.4, 0.5, 0),
    "wall": (None, 0, 0, 0),
    "splash": ("brick", 0.4, 0.4, 0),
    "dirty": ("stains", 0.1, 0.1, 0),
    "cooked": ("scorch", 0.15, 0.2, 0),
    "glow": (None, 0, 0, 1.0),
    "ceiling": (None, 0, 0, 0.45),
}


class Builder:
    """An MjSpec under construction.

    Args:
        rng: decides all sizes and textures.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.spec = mujoco.MjSpec()
        self.spec.compiler.degree = False
        self.world = self.spec.worldbody
        self._counts: Counter[str] = Counter()
        self._materials()

    def body(self, name: str, pos: Sequence[float] = (0, 0, 0), parent: Any = None) -> Any:
        return (parent or self.world).add_body(name=name, pos=pos)

    def geom(
        self,
        body: Any,
        owner: str,
        kind: str,
        size: Sequence[float],
        pos: Sequence[float],
        material: str,
        colour: Sequence[float] | None = None,
        *,
        solid: bool = True,
        alpha: float = 1.0,
        glow: bool = False,
        quat: Sequence[float] = (1, 0, 0, 0),
    ) -> None:
        """A fixed primitive with half sizes `size`; it collides with things if `solid`.

        One with `alpha` 0 only collides, and is never seen. Without a colour it has the material's,
        which a scene draws.
        """
        body.add_geom(
            name=self._name(owner, ":") + "!" * glow,
            type=TYPES[kind],
            size=[*size, 0, 0][:3],
            pos=pos,
            quat=quat,
            material=material,
            rgba=_rgba(colour, alpha),
            group=FIXED if alpha else SOLID,
            contype=2 if solid else 0,
            conaffinity=0,
        )

    def box(
        self,
        body: Any,
        owner: str,
        low: Sequence[float],
        high: Sequence[float],
        material: str,
        colour: Sequence[float] | None = None,
        **options: Any,
    ) -> None:
        """A box between two corners."""
        if material in BOARDS:
            self.boxes(body, owner, [(low, high)], material, colour, options.get("solid", True))
            return
        ends = np.array([low, high], float)
        half, middle = np.ptp(ends, 0) / 2, ends.mean(0)
        self.geom(body, owner, "box", half.tolist(), middle.tolist(), material, colour, **options)

    def boxes(
        self,
        body: Any,
        owner: str,
        corners: Sequence[tuple[Sequence[float], Sequence[float]]],
        material: str,
        colour: Sequence[float] | None = None,
        solid: bool = True,
    ) -> None:
        """Boxes between pairs of corners, drawn as one: a renderer pays per geom."""
        self.mesh(body, owner, join(*(cuboid(*ends) for ends in corners)), material, colour)
        for low, high in corners if solid else ():
            self.box(body, owner, low, high, "plain", alpha=0.0)

    def mesh(
        self,
        body: Any,
        owner: str,
        mesh: Mesh,
        material: str,
        colour: Sequence[float] | None,
        *,
        alpha: float = 1.0,
        glow: bool = False,
        group: int = FIXED,
    ) -> None:
        """A surface that is seen and does not collide."""
        name = self._name(owner, ":") + "!" * glow
        asset = self.spec.add_mesh(name=name, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
        asset.uservert = mesh[0].ravel().tolist()
        asset.userface = mesh[1].ravel().tolist()
        unwrap = board_uv if material in BOARDS else skin_uv
        asset.usertexcoord = unwrap(mesh[0]).ravel().tolist()
        body.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            material=material,
            rgba=_rgba(colour, alpha),
            group=group,
            contype=0,
            conaffinity=0,
            mass=0,
        )

    def spot(self, body: Any, owner: str, spot: Spot) -> None:
        """A box in which things can be put, its floor at `spot.pos`."""
        x, y, z = spot.pos
        body.add_site(
            name=self._name(owner, "@"),
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[*spot.half, spot.height / 2],
            pos=[x, y, z + spot.height / 2],
            group=HIDDEN,
        )

    def joint(
        self, body: Any, name: str, axis: Sequence[float], pos: Sequence[float], end: float
    ) -> None:
        """A hinge at `pos`, or a slide if the axis lies flat, from 0 to `end`, with a servo."""
        slides = axis[2] == 0
        kind = mujoco.mjtJoint.mjJNT_SLIDE if slides else mujoco.mjtJoint.mjJNT_HINGE
        body.add_joint(name=name, type=kind, axis=axis, pos=pos, armature=0.5, range=[0, end])
        servo = self.spec.add_actuator(name=name, trntype=mujoco.mjtTrn.mjTRN_JOINT, target=name)
        servo.set_to_position(kp=DOOR_KP, kv=DOOR_KV)

    def thing(self, name: str, shape: Shape) -> None:
        """A body that can be carried."""
        body = self.body(name)
        body.add_freejoint(name=name)
        body.gravcomp = 1
        for part in shape.parts:
            self.mesh(
                body, name, part.mesh, part.material, part.colour, alpha=part.alpha, group=CARRIED
            )
        for solid in shape.solids:
            body.add_geom(
                name=self._name(name, ":"),
                type=TYPES[solid.kind],
                size=[*solid.size, 0, 0][:3],
                pos=solid.pos,
                quat=solid.quat,
                group=SOLID,
                contype=1,
                conaffinity=3,
                condim=6,
                friction=[0.8, 0.01, 0.004],
                solref=[0.01, 1],
                mass=shape.mass / len(shape.solids),
            )
        if shape.spot:
            self.spot(body, name, shape.spot)

    def _name(self, owner: str, separator: str) -> str:
        key = f"{owner}{separator}"
        self._counts[key] += 1
        return f"{key}{self._counts[key] - 1}"

    def _materials(self) -> None:
        rng = self.rng
        pictures = {
            "streaks": textures.streaks(rng),
            "freckles": textures.freckles(rng, 0.36, 0.45),
            "crust": textures.freckles(rng, 0.6, 0.25),
            "crumb": textures.freckles(rng, 0.45, 0.16),
            "leaf": textures.freckles(rng, 0.5, 0.35),
            "stains": textures.stains(rng),
            "scorch": textures.scorch(rng),
        }
        floors = {
            "planks": textures.planks(rng),
            "squares": textures.tiles(rng, 2, 2, shift=False),
            "slabs": textures.stone(rng),
        }
        boards = {
            "wood": textures.wood(rng),
            "stone": textures.stone(rng),
            "brick": textures.tiles(rng, 10, 4, shift=True),
        }
        for name, picture in (pictures | boards | floors).items():
            textures.add(self.spec, name, picture)
        for name in floors:
            self._material(name, name, 0.15, 0.2, 0, texrepeat=[1.2, 1.2], texuniform=True)
        for name, (texture, specular, shininess, emission) in MATERIALS.items():
            self._material(name, texture, specular, shininess, emission)

    def _material(
        self,
        name: str,
        texture: str | None,
        specular: float,
        shininess: float,
        emission: float,
        **options: Any,
    ) -> None:
        material = self.spec.add_material(
            name=name, specular=specular, shininess=shininess, emission=emission, **options
        )
        if texture:
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = texture


def _rgba(colour: Sequence[float] | None, alpha: float) -> list[float]:
    # MuJoCo takes (0.5, 0.5, 0.5, 1) for "no colour given".
    if colour is None:
        return [0.5, 0.5, 0.5, 1.0]
    return [*(c + 1e-3 if c == 0.5 else c for c in colour), alpha]
