"""Procedural surfaces: a mesh is (vertices [n, 3] in m, triangles [m, 3] seen from outside)."""

from collections.abc import Sequence

import numpy as np

Mesh = tuple[np.ndarray, np.ndarray]


def lathe(profile: Sequence[tuple[float, float]], segments: int = 22) -> Mesh:
    """Turns a profile of (radius, z) about z. It runs from the axis below to the axis above."""
    turn = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn), np.zeros(segments)], 1)
    rings = [np.maximum(radius, 1e-5) * circle + (0, 0, z) for radius, z in profile]
    return np.concatenate(rings), _stitch(len(rings), segments)


def tube(path: np.ndarray, radius: float | Sequence[float], flat: float = 1.0) -> Mesh:
    """A pipe of 8 sides along `path` [n, 3]; `flat` shrinks it along its second normal."""
    path = np.asarray(path, float)
    count = len(path)
    radii = np.broadcast_to(np.asarray(radius, float), count)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    guide = np.eye(3)[np.argmin(np.abs(along).max(0))]
    side = np.cross(along, guide)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    rings = [
        p + r * (np.outer(np.cos(turn), s) + flat * np.outer(np.sin(turn), u))
        for p, r, s, u in zip(path, radii, side, up, strict=True)
    ]
    ends = [np.repeat(path[:1], 8, 0), *rings, np.repeat(path[-1:], 8, 0)]
    return np.concatenate(ends), _stitch(count + 2, 8)


def arc(
    radius: float, start: float, stop: float, centre: tuple[float, float, float], count: int = 9
) -> np.ndarray:
    """Points [count, 3] of an arc in the x-z plane, angles in degrees from x towards z."""
    turn = np.radians(np.linspace(start, stop, count))
    return np.stack([radius * np.cos(turn), 0 * turn, radius * np.sin(turn)], 1) + centre


def prism(outline: Sequence[tuple[float, float]], height: float, z: float = 0.0) -> Mesh:
    """Raises a polygon (counter-clockwise, star-shaped about its mean) from z to z + height."""
    flat = np.asarray(outline, float)
    count = len(flat)
    middle = np.repeat(flat.mean(0)[None], count, 0)
    layers = [(middle, z), (flat, z), (flat, z + height), (middle, z + height)]
    rings = [np.column_stack([points, np.full(count, level)]) for points, level in layers]
    return np.concatenate(rings), _stitch(4, count)


def blob(
    radii: tuple[float, float, float],
    rng: np.random.Generator,
    bumps: float = 0.0,
    dent: float = 0.0,
    rows: int = 11,
    segments: int = 18,
) -> Mesh:
    """A sphere scaled to `radii`, standing on z = 0; `bumps` is the relative height of its waves.

    dent: how far the poles are drawn in, as on an apple.
    """
    polar = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None]
    turn = np.linspace(0, 2 * np.pi, segments, endpoint=False)[None]
    waves = np.ones((rows, segments))
    for order in (2, 3, 5, 7):
        phase, height = rng.uniform(0, 2 * np.pi, 2), bumps * rng.uniform(0.3, 1) / order**0.5
        waves += height * np.cos(order * turn + phase[0]) * np.cos(order * polar + phase[1])
    waves[[0, -1]] = waves[[0, -1]].mean(1, keepdims=True)
    x = np.cos(polar) * np.cos(turn) * waves
    y = np.cos(polar) * np.sin(turn) * waves
    z = np.sin(polar) * waves * (1 - dent * np.exp(-((np.cos(polar) / 0.35) ** 2)))
    points = np.stack([x, y, z], -1).reshape(-1, 3) * radii
    return points - (0, 0, points[:, 2].min()), _stitch(rows, segments)


def loaf(outline: Sequence[tuple[float, float]], length: float, taper: float = 0.82) -> Mesh:
    """A body along x with the cross-section `outline` in (y, z), its ends drawn in by `taper`."""
    section = np.asarray(outline, float)
    centre = np.array([0.0, section[:, 1].mean()])
    count = len(section)
    layers = [(-0.5, 0), (-0.5, taper), (-0.4, 1), (0.4, 1), (0.5, taper), (0.5, 0)]
    rings = [
        np.column_stack([np.full(count, at * length), centre + share * (section - centre)])
        for at, share in layers
    ]
    return np.concatenate(rings), _stitch(len(rings), count)


def cuboid(low: Sequence[float], high: Sequence[float]) -> Mesh:
    """The box between two corners, each side with vertices of its own."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    sides = [
        [(x0, y0, z0), (x0, y1, z0), (x1, y1, z0), (x1, y0, z0)],
        [(x0, y0, z1), (x1, y0, z1), (x1, y1, z1), (x0, y1, z1)],
        [(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)],
        [(x0, y1, z0), (x0, y1, z1), (x1, y1, z1), (x1, y1, z0)],
        [(x0, y0, z0), (x0, y0, z1), (x0, y1, z1), (x0, y1, z0)],
        [(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)],
    ]
    corners = np.arange(0, 24, 4)[:, None, None]
    return np.array(sides).reshape(-1, 3), (corners + np.array([[0, 1, 2], [0, 2, 3]])).reshape(
        -1, 3
    )


def board_uv(points: np.ndarray, scale: float = 1.25) -> np.ndarray:
    """Texture coordinates [n, 2] of joined cuboids: a picture every 1 / `scale` m."""
    sides = points.reshape(-1, 4, 3)
    normal = np.ptp(sides, axis=1).argmin(1)
    u = np.where((normal == 0)[:, None], sides[..., 1], sides[..., 0])
    v = np.where((normal == 2)[:, None], sides[..., 1], sides[..., 2])
    return np.stack([u, v], -1).reshape(-1, 2) * scale


def skin_uv(points: np.ndarray, scale: float = 8.0) -> np.ndarray:
    """Texture coordinates [n, 2] of any mesh, looked at askew: no seam, and no side is bare."""
    x, y, z = points.T
    return np.stack([x + 0.6 * z, y + 0.8 * z], 1) * scale


def join(*meshes: Mesh) -> Mesh:
    """All of them as one mesh."""
    starts = np.cumsum([0, *(len(points) for points, _ in meshes)])
    faces = [triangles + start for (_, triangles), start in zip(meshes, starts, strict=False)]
    return np.concatenate([points for points, _ in meshes]), np.concatenate(faces)


def move(mesh: Mesh, by: Sequence[float] | np.ndarray, turn: float = 0.0) -> Mesh:
    """Turned about z by `turn` degrees, then shifted `by` m."""
    angle = np.radians(turn)
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return mesh[0] @ matrix.T + np.asarray(by), mesh[1]


def rounded(x: float, y: float, corner: float, count: int = 4) -> list[tuple[float, float]]:
    """Outline of a rectangle with half sides x, y and round corners."""
    points: list[tuple[float, float]] = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        turns = np.radians(np.linspace(90 * k, 90 * k + 90, count))
        middle = sx * (x - corner), sy * (y - corner)
        points += [(middle[0] + corner * np.cos(a), middle[1] + corner * np.sin(a)) for a in turns]
    return points


def _stitch(rings: int, segments: int) -> np.ndarray:
    """Triangles between rings of points that follow each other."""
    ring, k = np.meshgrid(np.arange(rings - 1), np.arange(segments), indexing="ij")
    a, b = ring * segments + k, ring * segments + (k + 1) % segments
    c, d = a + segments, b + segments
    return np.stack([a, b, d, a, d, c], -1).reshape(-1, 3)
