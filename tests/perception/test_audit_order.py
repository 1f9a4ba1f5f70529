"""Value-order correlation: rising, falling, flat and tied."""

import numpy as np

from embodied.perception.audit.order import value_order


def test_value_order() -> None:
    progress = np.tile(np.linspace(0, 1, 9), (4, 1))
    values = np.stack([progress[0] ** 3, -progress[0], np.zeros(9), progress[0] > 0.5])
    order = value_order(values, progress)
    np.testing.assert_allclose(order[:3], [1, -1, 0], atol=1e-12)
    assert 0.7 < order[3] < 1
