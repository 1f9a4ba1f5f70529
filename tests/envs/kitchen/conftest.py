"""One compiled kitchen for all tests here."""

from collections.abc import Callable

import pytest

from embodied.envs.mujoco.kitchen.actor import KitchenActor
from embodied.envs.mujoco.kitchen.kitchen import Kitchen
from embodied.envs.mujoco.kitchen.scenario import Scenario, Wish

Make = Callable[..., KitchenActor]


@pytest.fixture(scope="session")
def _kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def make(_kitchen: Kitchen) -> Make:
    """`make(Wish(...), ..., seed=0, absent=())`: an actor in such a kitchen, little else in it."""

    def make(
        *wishes: Wish, seed: int = 0, absent: tuple[str, ...] = (), clutter: float = 0.0
    ) -> KitchenActor:
        wanted = Scenario(wishes, absent, clutter=clutter, dirt=0.0, doors=0.0, variant=0)
        _kitchen.reset(seed, wanted)
        return KitchenActor(_kitchen)

    return make


def first(actor: KitchenActor, kind: str) -> str:
    """objectId of the first object of a type."""
    scene = actor.kitchen.scene
    return scene.states[scene.find(kind)[0]].identity


def item(actor: KitchenActor, identity: str) -> dict:
    """Metadata of an object."""
    return next(o for o in actor.observe() if o["objectId"] == identity)


def do(actor: KitchenActor, action: str, kind: str) -> str:
    """Walk to the first object of a type and do it; "" or why not."""
    ok, message = actor.execute({"action": action, "objectId": first(actor, kind)})
    assert ok == (not message)
    return message
