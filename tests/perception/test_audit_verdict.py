"""The verdict on synthetic rewards: a healthy one passes, each kind of broken one is flagged."""

from dataclasses import replace

import numpy as np
import pytest

from embodied.perception.audit.findings import measure
from embodied.perception.audit.scores import Scores
from embodied.perception.audit.verdict import Verdict, judge
from tests.perception.audit_cases import make_scores, make_truth, scored

TRUTH = make_truth()
HEALTHY = make_scores(TRUTH)


def _judge(scores: Scores) -> Verdict:
    return judge(measure(scores, TRUTH), TRUTH.goal)


def test_a_healthy_reward() -> None:
    verdict = _judge(HEALTHY)
    assert verdict.healthy
    assert verdict.notes == ()


def test_inverted_and_shuffled_and_constant_rewards() -> None:
    rng = np.random.default_rng(3)
    assert _judge(scored(HEALTHY, -HEALTHY.states)).rules[0] == "order"
    assert "order" in _judge(scored(HEALTHY, rng.permutation(HEALTHY.states))).rules
    constant = _judge(scored(HEALTHY, np.zeros(300), np.zeros((6, 12))))
    assert "same reward" in constant.reasons[0]
    assert "way" in constant.rules


def test_a_reward_for_another_task() -> None:
    verdict = _judge(make_scores(TRUTH, means="lotus"))
    assert "rival" in verdict.rules
    assert any("“lotus”" in reason for reason in verdict.reasons)


def test_an_encoder_that_cannot_read() -> None:
    """All prompts give about the same reward, however good that happens to be."""
    rng = np.random.default_rng(4)
    same = HEALTHY.states + 1e-3 * rng.standard_normal(HEALTHY.prompt_states.shape)
    assert _judge(replace(HEALTHY, prompt_states=same)).rules == ("words",)


def test_a_reward_that_likes_a_wrong_state_best() -> None:
    states = HEALTHY.states.copy()
    exploit = np.flatnonzero(~TRUTH.success)[:40]
    states[exploit] = 2
    verdict = _judge(scored(HEALTHY, states))
    assert "top" in verdict.rules


def test_a_look_that_counts_as_much_as_success_is_a_note() -> None:
    loud = {"camera": HEALTHY.states[HEALTHY.swept] + np.array([[-2.0], [2.0]])}
    verdict = _judge(replace(HEALTHY, sweeps=loud))
    assert verdict.healthy
    assert len(verdict.notes) == 1
    assert "camera" in verdict.notes[0]


def test_prompts_that_cannot_work_are_left_out() -> None:
    prompts = HEALTHY.prompt_states.copy()
    prompts[5] = np.nan
    findings = measure(replace(HEALTHY, prompt_states=prompts), TRUTH)
    assert findings.others == measure(HEALTHY, TRUTH).others - 1
    assert len(findings.prompts) == len(HEALTHY.prompts) - 1


@pytest.mark.parametrize("kept", [2, 5])
def test_few_statements_to_compare_with(kept: int) -> None:
    """No p-value reaches the level then; a good reward passes and one of other words does not."""
    few = replace(
        HEALTHY, prompts=HEALTHY.prompts[:kept], prompt_states=HEALTHY.prompt_states[:kept]
    )
    assert _judge(few).healthy
    if kept > 2:
        deaf = np.tile(few.states, (kept, 1))
        assert _judge(replace(few, prompt_states=deaf)).rules == ("words",)


@pytest.mark.parametrize("seed", range(3))
def test_chance_rewards_are_flagged_whatever_the_seed(seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal(300)
    assert not _judge(scored(HEALTHY, noise)).healthy
