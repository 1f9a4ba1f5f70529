"""A kitchen drawn from a seed, with wishes: what must be there or must not, and in which state."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from embodied.envs.mujoco.kitchen.kinds import CARRIED, KINDS, kind_of
from embodied.envs.mujoco.kitchen.layout import sample_layout
from embodied.envs.mujoco.kitchen.looks import dress, paint
from embodied.envs.mujoco.kitchen.metadata import identify
from embodied.envs.mujoco.kitchen.model import VARIANTS
from embodied.envs.mujoco.kitchen.placing import Patch, Place, blocked, patch_of, random_place
from embodied.envs.mujoco.kitchen.scene import Scene
from embodied.errors import EmbodiedError, unknown

# Where things are kept, with weights.
_HOMES: dict[str, dict[str, float]] = {
    "crockery": {"CounterTop": 4, "DiningTable": 3, "Cabinet": 2, "SinkBasin": 1.5, "Shelf": 1.5},
    "pots": {"StoveBurner": 3, "CounterTop": 3, "Cabinet": 2, "SinkBasin": 0.5},
    "fresh": {
        "CounterTop": 3,
        "DiningTable": 2.5,
        "Fridge": 2.5,
        "SinkBasin": 0.6,
        "GarbageCan": 0.2,
    },
    "cutlery": {"CounterTop": 3, "DiningTable": 2, "Drawer": 2.5, "SinkBasin": 0.5},
    "jars": {"CounterTop": 4, "DiningTable": 2, "Shelf": 2, "Cabinet": 1},
}
_KEPT = {
    "crockery": "Mug Cup Plate Bowl",
    "pots": "Pan Pot Kettle",
    "fresh": "Apple Tomato Potato Egg Bread Lettuce",
    "cutlery": "Knife ButterKnife Fork Spoon Spatula Ladle",
    "jars": "DishSponge SaltShaker PepperShaker WineBottle SoapBottle PaperTowelRoll Vase",
}
HOMES = {kind: _HOMES[way] for way, kinds in _KEPT.items() for kind in kinds.split()}
STATES = ("dirty", "cooked", "open", "on")


@dataclass(frozen=True)
class Wish:
    """One object that must be there: its type, the type of what it is in, and its states.

    kind: any type that can be carried, or with `states` any that a kitchen has. inside: "" for
    anywhere it may be kept. states: of "dirty", "cooked", "open", "on".
    """

    kind: str
    inside: str = ""
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """What a kitchen must be like; all else is drawn from the seed.

    absent: types that must not be there. clutter: about which share of the other types is there.
    dirt, doors: probability that what can be is dirty, and that a door stands open.
    variant: 0 to 7, the set of shapes and sizes; None leaves it to the seed.

    A dirty mug in the sink and no pan:
        `Scenario(present=(Wish("Mug", "SinkBasin", ("dirty",)),), absent=("Pan",))`
    """

    present: tuple[Wish, ...] = ()
    absent: tuple[str, ...] = ()
    clutter: float = 0.7
    dirt: float = 0.2
    doors: float = 0.04
    variant: int | None = None

    def __post_init__(self) -> None:
        for wish in self.present:
            _check(wish)
        for kind in self.absent:
            if kind not in CARRIED:
                raise unknown("type that can be carried", kind, CARRIED)
        shares = {"clutter": self.clutter, "dirt": self.dirt, "doors": self.doors}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise EmbodiedError(f"{name} is a share from 0 to 1, not {share}")
        if self.variant is not None and not 0 <= self.variant < VARIANTS:
            raise EmbodiedError(f"a variant is from 0 to {VARIANTS - 1}, not {self.variant}")
        wanted = Counter(wish.kind for wish in self.present if wish.kind in CARRIED)
        for kind, count in wanted.items():
            if kind in self.absent:
                raise EmbodiedError(f"{kind} is wished both present and absent: drop one")
            if count > CARRIED[kind]:
                raise EmbodiedError(f"a kitchen has at most {CARRIED[kind]} of {kind}, not {count}")


def variant_of(seed: int, scenario: Scenario) -> int:
    """Which of the templates the kitchen of a seed is built from."""
    return seed % VARIANTS if scenario.variant is None else scenario.variant


def furnish(scene: Scene, seed: int, scenario: Scenario) -> None:
    """Arrange `scene` as the seed and the scenario say; at rest, without a step of physics.

    Raises EmbodiedError if a wish has no room in 20 arrangements.
    """
    for attempt in range(20):
        rng = np.random.default_rng([seed, attempt])
        scene.arrange(sample_layout(rng, scene.template))
        dress(scene, rng)
        if _fill(scene, rng, scenario):
            identify(scene)
            return
    raise EmbodiedError(f"no room for {scenario.present} in 20 kitchens of seed {seed}: wish less")


def _fill(scene: Scene, rng: np.random.Generator, scenario: Scenario) -> bool:
    for name in scene.states:
        if name in scene.template.doors and rng.random() < scenario.doors:
            scene.set_open(name, 1.0)
    for name in scene.find("LightSwitch"):
        scene.states[name].toggled = True
    wishes = _in_order(scenario.present)
    fixed = {wish.kind: scene.find(wish.kind) for wish in wishes if wish.kind not in CARRIED}
    for wish in wishes:
        if wish.kind in CARRIED:
            continue
        if not fixed[wish.kind]:
            return False
        _set(scene, fixed[wish.kind].pop(int(rng.integers(len(fixed[wish.kind])))), wish.states)
    scene.forward()
    count: Counter[str] = Counter()
    taken = _Taken(blocked(scene))
    for wish in wishes:
        if wish.kind in CARRIED:
            name = f"{wish.kind}_{count[wish.kind]}"
            count[wish.kind] += 1
            if not _keep(scene, rng, name, wish.inside, taken):
                return False
            _set(scene, name, wish.states)
    others = [k for k in CARRIED for _ in range(CARRIED[k]) if k not in scenario.absent]
    rng.shuffle(others)
    for kind in others:
        wished = any(wish.kind == kind for wish in scenario.present)
        if count[kind] >= CARRIED[kind] or wished or rng.random() > scenario.clutter:
            continue
        name = f"{kind}_{count[kind]}"
        if _keep(scene, rng, name, "", taken):
            count[kind] += 1
            if KINDS[kind].dirtyable and rng.random() < scenario.dirt:
                _set(scene, name, ("dirty",))
    scene.forward()
    return True


def _in_order(wishes: tuple[Wish, ...]) -> list[Wish]:
    """Doors first, and what lies in a vessel after the vessel."""
    within = {wish.kind: wish.inside for wish in wishes}

    def depth(kind: str) -> int:
        steps = 0
        while kind in CARRIED and steps < len(wishes):
            kind, steps = within.get(kind, ""), steps + 1
        return steps

    return sorted(wishes, key=lambda wish: depth(wish.kind))


@dataclass
class _Taken:
    """What stands in the way of the next thing: parts of the counters, and things by name.

    full: burners with something on them, and the basin: there a pot has to fit in, too.
    """

    counters: list[Patch]
    things: dict[str, Patch] = field(default_factory=dict)
    full: set[str] = field(default_factory=set)

    def around(self, receptacle: str) -> list[Patch]:
        counters = self.counters if kind_of(receptacle) == "CounterTop" else []
        return counters + [p for name, p in self.things.items() if name != receptacle]


def _keep(scene: Scene, rng: np.random.Generator, name: str, inside: str, taken: _Taken) -> bool:
    """Put a new thing into a receptacle of the type `inside`, or where its type is kept."""
    shape = scene.template.things[name].shape
    colour = shape.palette[int(rng.integers(len(shape.palette)))] if shape.palette else None
    place = _somewhere(scene, rng, name, inside, taken)
    if place is None:
        return False
    scene.add(name, colour)
    scene.set_pose(name, place.pos, place.quat)
    scene.forward()
    taken.things[name] = patch_of(scene, name)
    return True


def _somewhere(
    scene: Scene, rng: np.random.Generator, name: str, inside: str, taken: _Taken
) -> Place | None:
    homes = {inside: 1.0} if inside else HOMES[kind_of(name)]
    kinds, weights = list(homes), np.array(list(homes.values()))
    for _ in range(6):
        kind = str(rng.choice(kinds, p=weights / weights.sum()))
        places = [p for p in scene.find(kind) if p not in taken.full]
        large = kind == "SinkBasin" and np.ptp(scene.template.things[name].points, 0).max() > 0.13
        if not places or (large and not inside):
            continue
        receptacle = places[int(rng.integers(len(places)))]
        if place := random_place(scene, name, receptacle, rng, taken.around(receptacle)):
            if kind == "StoveBurner" or (kind == "SinkBasin" and not inside):
                taken.full.add(receptacle)
            return place
    return None


def _set(scene: Scene, name: str, states: tuple[str, ...]) -> None:
    state = scene.states[name]
    for word in states:
        if word == "open":
            scene.set_open(name, 1.0)
        elif word == "on":
            state.toggled = True
        else:
            setattr(state, word, True)
    paint(scene, name)


def _check(wish: Wish) -> None:
    if wish.kind not in KINDS or wish.kind in ("Floor", "Window", "Sink", "HousePlant"):
        raise unknown("type", wish.kind, KINDS)
    kind = KINDS[wish.kind]
    if kind.pickupable and wish.kind not in CARRIED:
        raise EmbodiedError(f"{wish.kind} only comes of slicing: wish for the whole")
    can = {
        "dirty": kind.dirtyable,
        "cooked": kind.cookable,
        "open": kind.openable,
        "on": kind.toggleable,
    }
    for word in wish.states:
        if word not in STATES:
            raise unknown("state", word, STATES)
        if not can[word]:
            raise EmbodiedError(f"{wish.kind} cannot be {word}")
    if wish.inside:
        if not kind.pickupable:
            raise EmbodiedError(f"{wish.kind} stands where it is: wish for no place")
        if wish.inside not in KINDS or not KINDS[wish.inside].receptacle:
            places = [name for name, other in KINDS.items() if other.receptacle]
            raise unknown("receptacle", wish.inside, places)
