"""Captions: training and testing phrases are apart, and held-out tasks leave no word behind."""

import re

import numpy as np
import pytest

from embodied.envs.mujoco.humanoid.captions import (
    HELD_OUT_SUBJECTS,
    STATEMENTS,
    SUBJECTS,
    TASK_WORDS,
    Captions,
    captions,
)
from embodied.envs.mujoco.humanoid.poses import POSES, pose_qpos
from embodied.envs.mujoco.humanoid.state import state_from_qpos
from embodied.envs.mujoco.humanoid.tasks import TASKS

WITHOUT = tuple(TASK_WORDS)


def test_held_out_phrases_are_disjoint_from_training_phrases() -> None:
    training = {phrase for s in STATEMENTS.values() for phrase in s.phrases}
    held_out = [phrase for s in STATEMENTS.values() for phrase in s.held_out]
    assert training.isdisjoint(held_out)
    assert len(held_out) == len(set(held_out))
    assert set(SUBJECTS).isdisjoint(HELD_OUT_SUBJECTS)
    assert set(captions().texts).isdisjoint(captions(held_out=True).texts)


def test_every_statement_can_be_tested() -> None:
    assert [name for name, s in STATEMENTS.items() if not s.held_out] == ["anything"]
    assert all(s.phrases for s in STATEMENTS.values())


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_tasks_own_prompt_is_a_caption_of_its_own_statement(task) -> None:
    found = captions()
    prompt = task.goal_prompts[0]
    assert found.statements[found.texts.index(prompt)] == task.name.removeprefix("humanoid-")


def test_no_text_is_given_to_two_statements() -> None:
    for held_out in (False, True):
        found = captions(held_out=held_out)
        assert len(found.texts) == len(set(found.texts)) == len(found.statements)
        assert all(text and text == text.strip() for text in found.texts)


def test_a_scene_without_humanoid_has_no_subject() -> None:
    found = captions()
    scenes = [t for t, s in zip(found.texts, found.statements, strict=True) if s == "no scene"]
    assert set(scenes) == set(STATEMENTS["no scene"].phrases)


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("without", [WITHOUT, *((task,) for task in WITHOUT)], ids=str)
def test_without_removes_statements_and_words(without: tuple[str, ...], held_out: bool) -> None:
    found = captions(held_out=held_out, without=without)
    assert set(without).isdisjoint(found.statements)
    words = "|".join(word for task in without for word in TASK_WORDS[task])
    banned = re.compile(rf"\b({words})")  # "someone legs apart" says nothing of one leg
    assert [text for text in found.texts if banned.search(text)] == []
    assert set(found.texts) < set(captions(held_out=held_out).texts)
    for task in TASKS:
        if task.name.removeprefix("humanoid-") in without:
            assert not set(task.goal_prompts) & set(found.texts)


def test_words_of_a_held_out_task_cover_all_that_its_statement_says() -> None:
    """Every phrase of the task itself, kept for testing or not, has one of its words."""
    for task, words in TASK_WORDS.items():
        statement = STATEMENTS[task]
        said = {p: [w for w in words if w in p] for p in statement.phrases + statement.held_out}
        assert {phrase for phrase, found in said.items() if not found} == set()


def test_truth_is_each_texts_statement() -> None:
    chosen = Captions(("on its knees", "standing", "kneeling"), ("kneel", "stand", "kneel"))
    state = state_from_qpos(np.array([pose_qpos(POSES[p]) for p in ("kneeling", "standing")]))
    truth = chosen.truth(state)
    assert truth.dtype == np.float32
    np.testing.assert_allclose(truth, [[1, 0, 1], [0, 1, 0]], atol=0.05)
