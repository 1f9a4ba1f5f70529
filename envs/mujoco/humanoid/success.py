"""Success checkers: [N] states -> bool [N], from contacts, joint angles and body heights alone.

A part is "on the floor" when less than 3 cm of air is under it, which covers the contact margin and
the small hops of a simulated contact. They are used for measuring and never as a reward.
"""

import numpy as np

from embodied.envs.mujoco.humanoid.state import HumanoidState

CONTACT = 0.03
SIDES = ("right", "left")


def _all(conditions: list[np.ndarray]) -> np.ndarray:
    return np.logical_and.reduce(conditions)


def _on_floor(state: HumanoidState, *geoms: str) -> np.ndarray:
    return _all([state.clearance(geom) < CONTACT for geom in geoms])


def _hands_free(state: HumanoidState) -> np.ndarray:
    return _all([state.clearance(f"{side}_hand") > CONTACT for side in SIDES])


def _bent(state: HumanoidState, side: str) -> np.ndarray:
    """Flexion of a knee in degrees; 0 is straight."""
    return -np.degrees(state.joint(f"{side}_knee"))


def kneel(state: HumanoidState) -> np.ndarray:
    """Both knees on the floor and bent by more than 60 degrees, the shins behind them (feet lower
    than 0.3 m), the torso within 40 degrees of upright, the pelvis more than 0.2 m above the floor
    and the hands off it. Sitting on the heels counts, being on all fours does not."""
    return _all(
        [state.knee_clearance(side) < CONTACT for side in SIDES]
        + [_bent(state, side) > 60 for side in SIDES]
        + [state.position(f"{side}_foot")[:, 2] < 0.3 for side in SIDES]
        + [state.up("torso") > np.cos(np.radians(40)), state.position("pelvis")[:, 2] > 0.2]
        + [_hands_free(state)]
    )


def stand(state: HumanoidState) -> np.ndarray:
    """Both feet on the floor, both knees within 40 degrees of straight, the torso within 25 degrees
    of upright and the head higher than 1.25 m."""
    return _all(
        [_on_floor(state, "right_foot", "left_foot")]
        + [_bent(state, side) < 40 for side in SIDES]
        + [state.up("torso") > np.cos(np.radians(25)), state.head()[:, 2] > 1.25]
    )


def arms_raised(state: HumanoidState) -> np.ndarray:
    """Standing, and both hands higher than the top of the head."""
    return stand(state) & _all(
        [state.hand(side)[:, 2] > state.head()[:, 2] + 0.09 for side in SIDES]
    )


def splits(state: HumanoidState) -> np.ndarray:
    """Side splits: the pelvis lower than 0.35 m, both knees within 40 degrees of straight, the feet
    more than 1.1 m apart along the pelvis's left-right axis, the torso within 45 degrees of
    upright."""
    apart = state.position("left_foot") - state.position("right_foot")
    return _all(
        [_bent(state, side) < 40 for side in SIDES]
        + [state.position("pelvis")[:, 2] < 0.35, state.up("torso") > np.cos(np.radians(45))]
        + [np.einsum("ni,ni->n", apart, state.axis("pelvis", 1)) > 1.1]
    )


def lotus(state: HumanoidState) -> np.ndarray:
    """Seated with the legs crossed: the pelvis on the floor, both knees bent by more than 80
    degrees, lower than 0.35 m and more than 0.4 m apart, the feet lower than 0.35 m, less than
    0.45 m apart and in front of the pelvis, the torso within 40 degrees of upright."""
    knees = state.position("left_shin") - state.position("right_shin")
    feet = state.position("left_foot") - state.position("right_foot")
    return _all(
        [_on_floor(state, "pelvis"), state.up("torso") > np.cos(np.radians(40))]
        + [_bent(state, side) > 80 for side in SIDES]
        + [state.position(f"{side}_shin")[:, 2] < 0.35 for side in SIDES]
        + [state.position(f"{side}_foot")[:, 2] < 0.35 for side in SIDES]
        + [state.local(state.position(f"{side}_foot"), "pelvis")[:, 0] > 0.05 for side in SIDES]
        + [np.linalg.norm(knees, axis=1) > 0.4, np.linalg.norm(feet, axis=1) < 0.45]
    )


def hands_on_hips(state: HumanoidState) -> np.ndarray:
    """Standing, each hand within 0.17 m of its hip, each elbow more than 0.2 m out to its side."""
    conditions = [stand(state)]
    for side, sign in (("right", -1), ("left", 1)):
        hip = np.array([0.0, sign * 0.13, 0.06])
        hand = state.local(state.hand(side), "pelvis")
        elbow = state.local(state.position(f"{side}_lower_arm"), "torso")
        conditions += [np.linalg.norm(hand - hip, axis=1) < 0.17, sign * elbow[:, 1] > 0.2]
    return _all(conditions)


def one_leg(state: HumanoidState) -> np.ndarray:
    """One foot on the floor with its knee within 40 degrees of straight, the other foot more than
    0.12 m above it, the torso within 35 degrees of upright and the head higher than 1.2 m."""
    upright = (state.up("torso") > np.cos(np.radians(35))) & (state.head()[:, 2] > 1.2)
    on_side = [
        _on_floor(state, f"{down}_foot")
        & (_bent(state, down) < 40)
        & (state.clearance(f"{lifted}_foot") > 0.12)
        for down, lifted in (SIDES, SIDES[::-1])
    ]
    return upright & np.logical_or.reduce(on_side)


def arms_crossed(state: HumanoidState) -> np.ndarray:
    """Standing, both hands in front of the chest or belly (within 0.35 m below the shoulders and up
    to 0.4 m in front), each at or beyond the body's midline on the other arm's side."""
    conditions = [stand(state)]
    for side, sign in (("right", -1), ("left", 1)):
        hand = state.local(state.hand(side), "torso")
        conditions += [
            sign * hand[:, 1] < 0.0,
            (hand[:, 0] > 0.05) & (hand[:, 0] < 0.4),
            (hand[:, 2] > -0.35) & (hand[:, 2] < 0.15),
        ]
    return _all(conditions)
