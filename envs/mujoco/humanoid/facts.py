"""How true a statement about a humanoid is, in [0, 1], read from the simulator.

These graded facts give the captions that an image-text encoder is aligned on. They share nothing
with the success checkers: soft ramps instead of thresholds, other quantities where there are any.
"""

from collections.abc import Callable

import numpy as np

from embodied.envs.degrees import Degree, both, either, ramp
from embodied.envs.mujoco.humanoid.state import HumanoidState

Fact = Callable[[HumanoidState], Degree]


def negate(fact: Fact) -> Fact:
    return lambda state: 1 - fact(state)


def upright(s: HumanoidState) -> Degree:
    return ramp(s.up("torso"), 0.4, 0.95)


def leaning_forward(s: HumanoidState) -> Degree:
    tilt = -s.axis("torso", 0)[:, 2]
    return both(ramp(tilt, 0.2, 0.7), ramp(s.up("torso"), -0.3, 0.2))


def lying(s: HumanoidState) -> Degree:
    return both(ramp(np.abs(s.up("torso")), 0.6, 0.2), ramp(s.position("torso")[:, 2], 0.5, 0.25))


def on_back(s: HumanoidState) -> Degree:
    return both(lying(s), ramp(s.axis("torso", 0)[:, 2], 0.3, 0.8))


def on_front(s: HumanoidState) -> Degree:
    return both(lying(s), ramp(s.axis("torso", 0)[:, 2], -0.3, -0.8))


def on_side(s: HumanoidState) -> Degree:
    return both(lying(s), ramp(np.abs(s.axis("torso", 1)[:, 2]), 0.3, 0.8))


def upside_down(s: HumanoidState) -> Degree:
    return ramp(s.up("torso"), -0.4, -0.9)


def bent(s: HumanoidState, side: str) -> np.ndarray:
    """Knee flexion in degrees."""
    return -np.degrees(s.joint(f"{side}_knee"))


def knees_straight(s: HumanoidState) -> Degree:
    return both(*(ramp(bent(s, side), 60, 15) for side in ("right", "left")))


def knees_bent(s: HumanoidState) -> Degree:
    return both(*(ramp(bent(s, side), 30, 80) for side in ("right", "left")))


def knee_down(s: HumanoidState, side: str) -> Degree:
    return ramp(s.knee_clearance(side), 0.25, 0.0)


def knees_on_floor(s: HumanoidState) -> Degree:
    return both(knee_down(s, "right"), knee_down(s, "left"))


def one_knee_on_floor(s: HumanoidState) -> Degree:
    right, left = knee_down(s, "right"), knee_down(s, "left")
    return either(both(right, 1 - left), both(left, 1 - right))


def foot_down(s: HumanoidState, side: str) -> Degree:
    return ramp(s.clearance(f"{side}_foot"), 0.12, 0.03)


def feet_on_floor(s: HumanoidState) -> Degree:
    return both(foot_down(s, "right"), foot_down(s, "left"))


def legs_under(s: HumanoidState) -> Degree:
    """The pelvis is about a leg's length above the floor."""
    return ramp(s.position("pelvis")[:, 2], 0.55, 0.82)


def head_high(s: HumanoidState) -> Degree:
    return ramp(s.head()[:, 2], 0.95, 1.4)


def pelvis_low(s: HumanoidState) -> Degree:
    return ramp(s.position("pelvis")[:, 2], 0.5, 0.25)


def on_bottom(s: HumanoidState) -> Degree:
    return ramp(s.clearance("pelvis"), 0.22, 0.04)


def foot_in_front(s: HumanoidState, side: str) -> np.ndarray:
    """How far a foot is in front of the pelvis, in metres."""
    return s.local(s.position(f"{side}_foot"), "pelvis")[:, 0]


def feet_in_front(s: HumanoidState) -> Degree:
    return both(*(ramp(foot_in_front(s, side), 0.0, 0.2) for side in ("right", "left")))


def feet_behind(s: HumanoidState) -> Degree:
    """Both feet behind the knees."""
    behind = []
    for side in ("right", "left"):
        shin = s.position(f"{side}_foot") - s.position(f"{side}_shin")
        behind.append(ramp(-np.einsum("ni,ni->n", shin, s.axis("torso", 0)), 0.05, 0.3))
    return both(*behind)


def standing(s: HumanoidState) -> Degree:
    planted = either(foot_down(s, "right"), foot_down(s, "left"))
    return both(upright(s), legs_under(s), planted, head_high(s))


def standing_straight(s: HumanoidState) -> Degree:
    return both(standing(s), feet_on_floor(s), knees_straight(s), ramp(s.up("torso"), 0.8, 0.98))


def kneeling(s: HumanoidState) -> Degree:
    return both(
        knees_on_floor(s), feet_behind(s), knees_bent(s), upright(s), 1 - feet_in_front(s)
    ) * ramp(s.position("pelvis")[:, 2], 0.12, 0.25)


def tall_kneeling(s: HumanoidState) -> Degree:
    return both(kneeling(s), ramp(s.position("pelvis")[:, 2], 0.3, 0.45))


def on_heels(s: HumanoidState) -> Degree:
    return both(kneeling(s), ramp(s.position("pelvis")[:, 2], 0.42, 0.3))


def half_kneeling(s: HumanoidState) -> Degree:
    return both(one_knee_on_floor(s), upright(s), ramp(s.position("pelvis")[:, 2], 0.3, 0.42))


def all_fours(s: HumanoidState) -> Degree:
    hands = [ramp(s.clearance(f"{side}_hand"), 0.2, 0.04) for side in ("right", "left")]
    level = ramp(s.up("torso"), 0.6, 0.2)
    return both(knees_on_floor(s), *hands, level, ramp(s.position("pelvis")[:, 2], 0.25, 0.4))


def crouching(s: HumanoidState) -> Degree:
    low = ramp(s.position("pelvis")[:, 2], 0.75, 0.5)
    above = ramp(s.knee_clearance("right"), 0.05, 0.25) * ramp(s.knee_clearance("left"), 0.05, 0.25)
    return both(low, feet_on_floor(s), knees_bent(s), above, 1 - on_bottom(s), 1 - lying(s))


def sitting(s: HumanoidState) -> Degree:
    return both(on_bottom(s), upright(s))


def legs_forward(s: HumanoidState) -> Degree:
    return both(
        sitting(s),
        knees_straight(s),
        *(ramp(foot_in_front(s, side), 0.35, 0.65) for side in ("right", "left")),
    )


def feet_apart(s: HumanoidState) -> np.ndarray:
    """Distance of the feet along the pelvis's left-right axis, in metres."""
    apart = s.position("left_foot") - s.position("right_foot")
    return np.einsum("ni,ni->n", apart, s.axis("pelvis", 1))


def legs_spread(s: HumanoidState) -> Degree:
    return ramp(feet_apart(s), 0.45, 0.9)


def splits(s: HumanoidState) -> Degree:
    low = ramp(s.position("pelvis")[:, 2], 0.65, 0.25)
    return both(ramp(feet_apart(s), 0.5, 1.35), low, knees_straight(s), upright(s))


def front_splits(s: HumanoidState) -> Degree:
    stride = foot_in_front(s, "right") - foot_in_front(s, "left")
    return both(ramp(np.abs(stride), 0.7, 1.3), knees_straight(s), upright(s), 1 - legs_under(s))


def legs_crossed(s: HumanoidState) -> Degree:
    feet = np.linalg.norm(s.position("left_foot") - s.position("right_foot"), axis=1)
    knees = np.linalg.norm(s.position("left_shin") - s.position("right_shin"), axis=1)
    low = [ramp(s.position(f"{side}_shin")[:, 2], 0.45, 0.25) for side in ("right", "left")]
    return both(
        knees_bent(s), feet_in_front(s), ramp(feet, 0.6, 0.3), ramp(knees, 0.25, 0.45), *low
    )


def lotus(s: HumanoidState) -> Degree:
    return both(legs_crossed(s), sitting(s))


def one_foot_lifted(s: HumanoidState, side: str) -> Degree:
    other = "left" if side == "right" else "right"
    return both(ramp(s.clearance(f"{side}_foot"), 0.05, 0.22), foot_down(s, other))


def on_one_leg(s: HumanoidState) -> Degree:
    lifted = either(one_foot_lifted(s, "right"), one_foot_lifted(s, "left"))
    straight = either(ramp(bent(s, "right"), 60, 15), ramp(bent(s, "left"), 60, 15))
    return both(standing(s), lifted, straight)


def walking(s: HumanoidState) -> Degree:
    stride = np.abs(foot_in_front(s, "right") - foot_in_front(s, "left"))
    return both(standing(s), ramp(stride, 0.25, 0.5), 1 - ramp(stride, 0.9, 1.2))


def arm_raised(s: HumanoidState, side: str) -> Degree:
    return ramp(s.local(s.hand(side), "torso")[:, 2], 0.0, 0.38)


def arms_raised(s: HumanoidState) -> Degree:
    """An eighth true with one arm up, and truer with every centimetre that the other rises.

    A reward that asks for both at once, or that begins at the shoulder, is hard to find.
    """
    right, left = (
        ramp(s.local(s.hand(side), "torso")[:, 2], -0.4, 0.38) for side in ("right", "left")
    )
    return ((right + left) / 2) ** 3


def one_arm_raised(s: HumanoidState) -> Degree:
    right, left = arm_raised(s, "right"), arm_raised(s, "left")
    return either(both(right, 1 - left), both(left, 1 - right))


def arm_down(s: HumanoidState, side: str) -> Degree:
    hand = s.local(s.hand(side), "torso")
    near = ramp(np.abs(hand[:, 1]), 0.5, 0.3)
    return both(ramp(hand[:, 2], -0.28, -0.45), near, ramp(np.abs(hand[:, 0]), 0.3, 0.15))


def arms_down(s: HumanoidState) -> Degree:
    return both(arm_down(s, "right"), arm_down(s, "left"))


def arms_sideways(s: HumanoidState) -> Degree:
    return both(
        *(
            ramp(sign * s.local(s.hand(side), "torso")[:, 1], 0.45, 0.68)
            for side, sign in (("right", -1), ("left", 1))
        )
    )


def arms_forward(s: HumanoidState) -> Degree:
    return both(
        *(ramp(s.local(s.hand(side), "torso")[:, 0], 0.3, 0.48) for side in ("right", "left"))
    )


def hand_on_hip(s: HumanoidState, side: str) -> Degree:
    sign = -1 if side == "right" else 1
    hand = s.local(s.hand(side), "pelvis") - np.array([0, sign * 0.13, 0.06])
    elbow = sign * s.local(s.position(f"{side}_lower_arm"), "torso")[:, 1]
    return both(ramp(np.linalg.norm(hand, axis=1), 0.35, 0.1), ramp(elbow, 0.12, 0.24))


def hands_on_hips(s: HumanoidState) -> Degree:
    return both(hand_on_hip(s, "right"), hand_on_hip(s, "left"))


def arms_crossed(s: HumanoidState) -> Degree:
    degrees = []
    for side, sign in (("right", -1), ("left", 1)):
        hand = s.local(s.hand(side), "torso")
        level = both(ramp(hand[:, 2], -0.5, -0.25), ramp(hand[:, 2], 0.25, 0.1))
        near = both(ramp(hand[:, 0], 0.0, 0.12), ramp(hand[:, 0], 0.42, 0.3))
        degrees += [ramp(sign * hand[:, 1], 0.1, -0.08), near, level]
    return both(*degrees)


def hands_on_floor(s: HumanoidState) -> Degree:
    return both(*(ramp(s.clearance(f"{side}_hand"), 0.2, 0.03) for side in ("right", "left")))


def hands_on_knees(s: HumanoidState) -> Degree:
    return both(
        *(
            ramp(np.linalg.norm(s.hand(side) - s.position(f"{side}_shin"), axis=1), 0.35, 0.15)
            for side in ("right", "left")
        )
    )


def facing(s: HumanoidState, direction: tuple[float, float]) -> Degree:
    """Torso's front towards a direction on the floor; the VLM's camera stands at +x."""
    front = s.axis("torso", 0)[:, :2]
    length = np.maximum(np.linalg.norm(front, axis=1), 1e-6)
    return both(ramp(front @ np.array(direction) / length, 0.3, 0.8), upright(s))


def everything(s: HumanoidState) -> Degree:
    return np.ones(len(s))


def nothing(s: HumanoidState) -> Degree:
    return np.zeros(len(s))
