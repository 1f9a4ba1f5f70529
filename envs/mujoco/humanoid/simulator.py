"""The humanoid as a simulator."""

from embodied.envs.mujoco.humanoid.dynamics import pose_features
from embodied.envs.mujoco.humanoid.looks import LOOK_SIZE
from embodied.envs.mujoco.humanoid.model import MODEL_PATH, load_model
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.simulator import Simulator, VectorEnvironment


def _make_vector(task: str, num_envs: int, measure: bool) -> VectorEnvironment:
    from embodied.envs.mujoco.humanoid.vector import HumanoidVectorEnv  # it looks tasks up

    return HumanoidVectorEnv(task, num_envs, measure)


HUMANOID = Simulator(
    name="humanoid",
    model_path=MODEL_PATH,
    load=load_model,
    make_vector=_make_vector,
    features=pose_features,
    state=state_from_qpos,
    film_camera="portrait",
    look="embodied.envs.mujoco.humanoid.looks:apply",
    look_size=LOOK_SIZE,
    words="embodied.envs.mujoco.humanoid.alignment:VOCABULARY",
    strongest_push=400.0,
)
