"""Sweeps: one property at a time, around the plain look."""

import numpy as np

from embodied.envs.mujoco.humanoid.looks import COLUMNS, plain_looks, sweeps


def test_sweeps_change_one_property_each() -> None:
    plain = plain_looks(1)[0]
    for name, rows in sweeps().items():
        assert rows.shape[1] == len(COLUMNS)
        changed = [c for c, differs in zip(COLUMNS, (rows != plain).any(0), strict=True) if differs]
        assert changed, name
        assert len({column.partition("_")[0] for column in changed}) <= 2, (name, changed)
        assert len(np.unique(rows, axis=0)) == len(rows), name
