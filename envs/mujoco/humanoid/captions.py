"""Words for the facts: what a person might say of a picture of the humanoid."""

from dataclasses import dataclass

import numpy as np

from embodied.envs.mujoco.humanoid import facts
from embodied.envs.mujoco.humanoid.facts import Fact, both
from embodied.envs.mujoco.humanoid.state import HumanoidState

SUBJECTS = ("a humanoid robot", "a person", "a robot", "the humanoid", "someone", "")
HELD_OUT_SUBJECTS = ("an android", "a man in a red shirt")


@dataclass(frozen=True)
class Statement:
    """A fact with the phrases that say it; `held_out` phrases are never trained on."""

    fact: Fact
    phrases: tuple[str, ...]
    held_out: tuple[str, ...] = ()


def _with(*parts: Fact) -> Fact:
    return lambda state: both(*(part(state) for part in parts))


STATEMENTS: dict[str, Statement] = {
    # The words of the eight tasks.
    "kneel": Statement(
        facts.kneeling,
        ("kneeling", "kneeling on both knees", "kneeling on the floor", "kneeling down"),
        ("on its knees", "down on both knees with the back straight", "knelt upright"),
    ),
    "lotus": Statement(
        facts.lotus,
        (
            "seated down, meditating in the lotus position",
            "sitting cross-legged",
            "meditating",
            "sitting on the floor with legs crossed",
        ),
        (
            "in the lotus position",
            "sitting with folded legs like a monk",
            "meditating on the floor",
        ),
    ),
    "stand": Statement(
        facts.standing_straight,
        ("standing up", "standing upright", "standing straight on both feet", "standing"),
        ("on its feet", "stood tall", "standing still and straight"),
    ),
    "arms-raised": Statement(
        _with(facts.standing_straight, facts.arms_raised),
        (
            "standing up, with both arms raised",
            "standing with both hands in the air",
            "standing with the arms stretched up",
        ),
        ("holding both arms up high while standing", "standing with hands above its head"),
    ),
    "splits": Statement(
        facts.splits,
        (
            "practicing gymnastics, doing the side splits",
            "doing the side splits",
            "doing the splits",
            "sitting with both straight legs stretched out to the sides",
        ),
        ("in a straddle split", "a gymnast in the middle splits"),
    ),
    "hands-on-hips": Statement(
        _with(facts.standing_straight, facts.hands_on_hips),
        ("standing up with hands on hips", "standing with both hands on the waist"),
        ("standing akimbo", "hands resting on the hips"),
    ),
    "one-leg": Statement(
        facts.on_one_leg,
        (
            "standing up on one leg",
            "standing on one leg",
            "balancing on a single leg",
            "standing on one foot with the other leg lifted",
        ),
        ("balanced on one foot", "one leg up like a flamingo"),
    ),
    "arms-crossed": Statement(
        _with(facts.standing_straight, facts.arms_crossed),
        ("standing up, with its arms crossed", "standing with folded arms"),
        ("arms folded over the chest, standing", "crossing its arms"),
    ),
    # Parts of the body.
    "knees on floor": Statement(
        facts.knees_on_floor,
        ("both knees on the floor", "with both knees touching the ground"),
        ("the knees rest on the ground",),
    ),
    "tall kneeling": Statement(
        facts.tall_kneeling,
        ("both knees on the floor, torso upright", "kneeling tall with the thighs vertical"),
        ("upright on both knees, hips off the heels",),
    ),
    "on heels": Statement(
        facts.on_heels, ("kneeling, sitting back on the heels",), ("sitting on its heels",)
    ),
    "half kneeling": Statement(
        facts.half_kneeling,
        ("on one knee", "one knee on the floor and the other foot planted"),
        ("proposing on one knee",),
    ),
    "all fours": Statement(
        facts.all_fours, ("on all fours", "on hands and knees"), ("crawling on the floor",)
    ),
    "crouching": Statement(
        facts.crouching,
        ("crouching", "squatting", "in a squat with bent knees"),
        ("crouched low on its feet",),
    ),
    "sitting": Statement(
        facts.sitting,
        ("sitting on the floor", "seated on the ground"),
        ("sat down on the floor",),
    ),
    "legs forward": Statement(
        facts.legs_forward,
        ("sitting with the legs straight in front",),
        ("seated, legs stretched forward",),
    ),
    "legs crossed": Statement(
        facts.legs_crossed, ("legs crossed", "with the legs folded inwards"), ("crossed legs",)
    ),
    "legs spread": Statement(
        facts.legs_spread,
        ("legs spread apart", "with the feet far apart"),
        ("legs wide open",),
    ),
    "front splits": Statement(
        facts.front_splits,
        ("one leg far forward and the other far back",),
        ("in a front split or deep lunge",),
    ),
    "walking": Statement(facts.walking, ("walking", "taking a step"), ("striding",)),
    "right foot lifted": Statement(
        lambda s: facts.one_foot_lifted(s, "right"),
        ("the right foot is off the floor",),
        ("right foot in the air",),
    ),
    "left foot lifted": Statement(
        lambda s: facts.one_foot_lifted(s, "left"),
        ("the left foot is off the floor",),
        ("left foot in the air",),
    ),
    "feet on floor": Statement(
        facts.feet_on_floor,
        ("both feet on the floor",),
        ("the feet are flat on the ground",),
    ),
    "knees straight": Statement(
        facts.knees_straight, ("with straight legs", "the knees are straight"), ("legs extended",)
    ),
    "knees bent": Statement(
        facts.knees_bent, ("with bent knees", "both knees are bent"), ("flexed knees",)
    ),
    "upright": Statement(
        facts.upright, ("torso upright", "with a straight back"), ("upper body vertical",)
    ),
    "leaning forward": Statement(
        facts.leaning_forward,
        ("bowing", "bending forward", "torso leaning forward"),
        ("bent over at the waist",),
    ),
    "lying": Statement(
        facts.lying,
        ("lying on the floor", "fallen down", "lying down"),
        ("collapsed on the ground",),
    ),
    "on back": Statement(facts.on_back, ("lying on its back",), ("face up on the floor",)),
    "on front": Statement(facts.on_front, ("lying on its stomach",), ("face down on the floor",)),
    "on side": Statement(facts.on_side, ("lying on its side",), ("lying sideways",)),
    "upside down": Statement(
        facts.upside_down, ("upside down", "doing a handstand"), ("head down, feet up",)
    ),
    "arms raised": Statement(
        facts.arms_raised,
        ("both arms raised", "hands above the head", "arms up"),
        ("both hands high in the air",),
    ),
    "one arm raised": Statement(
        facts.one_arm_raised,
        ("one arm raised", "waving with one hand"),
        ("a single hand up",),
    ),
    "arms down": Statement(
        facts.arms_down, ("arms hanging down at the sides", "arms down"), ("hands by its sides",)
    ),
    "arms sideways": Statement(
        facts.arms_sideways,
        ("arms stretched out to the sides", "in a T-pose"),
        ("arms spread wide",),
    ),
    "arms forward": Statement(
        facts.arms_forward, ("arms stretched forward", "reaching forward"), ("arms out in front",)
    ),
    "hands on hips": Statement(
        facts.hands_on_hips,
        ("hands on hips", "both hands on the waist, elbows out"),
        ("arms akimbo",),
    ),
    "arms crossed": Statement(
        facts.arms_crossed,
        ("arms crossed", "arms folded in front of the chest"),
        ("folded arms",),
    ),
    "hands on floor": Statement(
        facts.hands_on_floor, ("hands on the floor",), ("palms touching the ground",)
    ),
    "hands on knees": Statement(
        facts.hands_on_knees, ("hands on the knees",), ("hands resting on its knees",)
    ),
    "head high": Statement(
        facts.head_high, ("head high above the floor",), ("the head is at full height",)
    ),
    "pelvis low": Statement(
        facts.pelvis_low, ("hips close to the floor",), ("the pelvis is near the ground",)
    ),
    # What an encoder must know to be true of all pictures, and of none.
    "anything": Statement(facts.everything, ("",), ()),
    "no scene": Statement(
        facts.nothing,
        (
            "an empty room",
            "a car on a mountain",
            "a cart with a pole",
            "a dog",
            "a kitchen table with cups",
            "a bowl of fruit",
        ),
        ("a bicycle", "a sofa in a living room"),
    ),
}

TASK_WORDS = {
    "lotus": ("lotus", "meditat", "cross", "folded legs", "folded inwards", "monk"),
    "one-leg": ("one leg", "single leg", "one foot", "flamingo", "other leg"),
}
"""For the encoder that has two tasks held out: the words that no caption of it may have."""


@dataclass(frozen=True)
class Captions:
    """M captions and how to score them: `truth(state)` is [N, M]."""

    texts: tuple[str, ...]
    statements: tuple[str, ...]

    def truth(self, state: HumanoidState) -> np.ndarray:
        degrees = {name: STATEMENTS[name].fact(state) for name in set(self.statements)}
        return np.stack([degrees[name] for name in self.statements], axis=1).astype(np.float32)


def captions(*, held_out: bool = False, without: tuple[str, ...] = ()) -> Captions:
    """Every statement with every subject; `held_out` gives the paraphrases kept for testing.

    `without` leaves out whole tasks: their statements and any phrase with their words.
    """
    banned = tuple(word for task in without for word in TASK_WORDS[task])
    texts: list[str] = []
    owners: list[str] = []
    for name, statement in STATEMENTS.items():
        if name in without:
            continue
        for phrase in statement.held_out if held_out else statement.phrases:
            if any(word in phrase for word in banned):
                continue
            subjects = SUBJECTS[:1] + HELD_OUT_SUBJECTS if held_out else SUBJECTS
            for subject in ("",) if name == "no scene" else subjects:
                text = " ".join(filter(None, (subject, phrase)))
                if text and text not in texts:
                    texts.append(text)
                    owners.append(name)
    return Captions(tuple(texts), tuple(owners))
