"""Two works at once: both are done, on a thread each, and what one raises is not lost."""

import threading

import pytest
import torch

from embodied.policies.online.side_by_side import one_thread, side_by_side


def test_both_run_without_gradients_on_one_torch_thread() -> None:
    seen: dict[str, tuple[bool, int]] = {}

    def look(name: str) -> None:
        seen[name] = torch.is_grad_enabled(), torch.get_num_threads()

    before = torch.get_num_threads()
    with torch.no_grad(), one_thread():
        side_by_side(lambda: look("one"), lambda: look("other"))
    assert seen == {"one": (False, 1), "other": (False, 1)}
    assert torch.get_num_threads() == before
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("which", [0, 1])
def test_an_error_in_either_is_raised_once_both_have_ended(which: int) -> None:
    ended = threading.Event()

    def fail() -> None:
        raise ConnectionResetError("broken")

    works = [ended.set, fail] if which else [fail, ended.set]
    with pytest.raises(ConnectionResetError):
        side_by_side(*works)
    assert ended.is_set()
