"""What the simulator knows of a batch of humanoids: the ground truth that checkers read."""

from dataclasses import dataclass

import mujoco
import numpy as np
from mujoco.batch import Batch

from embodied.envs.mujoco.humanoid.model import load_model, names


@dataclass(frozen=True)
class HumanoidState:
    """N humanoids in world coordinates (metres, radians, z up, floor at z = 0).

    qpos: [N, 24]; xpos: [N, nbody, 3]; xmat: [N, nbody, 9]; geom_xpos: [N, ngeom, 3];
    geom_xmat: [N, ngeom, 9]. Every method returns arrays with N in front.
    """

    qpos: np.ndarray
    xpos: np.ndarray
    xmat: np.ndarray
    geom_xpos: np.ndarray
    geom_xmat: np.ndarray

    def __len__(self) -> int:
        return len(self.qpos)

    def joint(self, name: str) -> np.ndarray:
        """Angle of a hinge."""
        return self.qpos[:, 7 + names().joint[name]]

    def position(self, body: str) -> np.ndarray:
        """Origin of a body, [N, 3]: for a limb, the joint at its upper end."""
        return self.xpos[:, names().body[body]]

    def hand(self, side: str) -> np.ndarray:
        return self.geom_xpos[:, names().geom[f"{side}_hand"]]

    def head(self) -> np.ndarray:
        return self.geom_xpos[:, names().geom["head"]]

    def up(self, body: str) -> np.ndarray:
        """Cosine between a body's own z axis and the vertical: 1 upright, -1 upside down."""
        return self.xmat[:, names().body[body], 8]

    def axis(self, body: str, axis: int) -> np.ndarray:
        """A body's own x (0, forward), y (1, left) or z (2, up) axis, [N, 3]."""
        return self.xmat[:, names().body[body], axis::3]

    def local(self, point: np.ndarray, body: str) -> np.ndarray:
        """World points [N, 3] in the frame of a body."""
        frame = self.xmat[:, names().body[body]].reshape(-1, 3, 3)
        return np.einsum("nji,nj->ni", frame, point - self.position(body))

    def clearance(self, geom: str) -> np.ndarray:
        """Gap between a geom's lowest point and the floor; at most about 0 in contact."""
        index, model = names().geom[geom], load_model()
        down = np.abs(self.geom_xmat[:, index, 6:9])  # |z component of the geom's x, y, z axes|
        size = model.geom_size[index]
        kind = model.geom_type[index]
        if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
            reach = size[0] + size[1] * down[:, 2]
        elif kind == mujoco.mjtGeom.mjGEOM_BOX:
            reach = down @ size
        else:
            reach = size[0]
        return self.geom_xpos[:, index, 2] - reach

    def knee_clearance(self, side: str) -> np.ndarray:
        """Gap between the kneecap (the upper end of the shin's capsule) and the floor."""
        radius = load_model().geom_size[names().geom[f"{side}_shin"], 0]
        return self.position(f"{side}_shin")[:, 2] - radius


def bind_state(batch: Batch) -> HumanoidState:
    """Live views on a batch's arrays; they are as fresh as its last call."""
    return HumanoidState(
        *(batch.bind(name) for name in ("qpos", "xpos", "xmat", "geom_xpos", "geom_xmat"))
    )


def state_from_qpos(qpos: np.ndarray) -> HumanoidState:
    """Kinematics of poses [N, 24] or of one pose [24]."""
    qpos = np.atleast_2d(qpos)
    batch = Batch(load_model(), len(qpos))
    batch.bind("qpos")[:] = qpos
    state = bind_state(batch)
    batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS.value)
    return state
