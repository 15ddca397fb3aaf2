"""The Fréchet distance of two sets of features, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from semanticdraw_widget.bench.frechet import frechet, root


def features(seed: int, count: int = 40, width: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(rng.normal(size=width), 1, (count, width)) @ rng.normal(size=(width, width))


def test_equal_sets_are_at_no_distance() -> None:
    assert frechet(features(1), features(1)) == pytest.approx(0, abs=1e-9)
    assert frechet(features(1), features(1)[::-1]) == pytest.approx(0, abs=1e-9)


def test_of_one_feature_it_is_the_closed_form() -> None:
    one, other = features(1, width=1), 3 * features(2, width=1) + 5
    expected = (one.mean() - other.mean()) ** 2 + (one.std(ddof=1) - other.std(ddof=1)) ** 2
    assert frechet(one, other) == pytest.approx(expected)


def test_a_shift_counts_by_its_square() -> None:
    assert frechet(features(1), features(1) + np.array([3, 0, 0, 4, 0, 0])) == pytest.approx(25)


def test_it_is_symmetric() -> None:
    assert frechet(features(1), features(2)) == pytest.approx(frechet(features(2), features(1)))
    assert frechet(features(1), features(2)) > 0.1


def test_fewer_pictures_than_features_are_allowed() -> None:
    few = features(3, count=3, width=20)
    assert frechet(few, few) == pytest.approx(0, abs=1e-6)
    assert np.isfinite(frechet(few, features(4, count=50, width=20)))


def test_the_root_squared_is_the_matrix() -> None:
    matrix = np.cov(features(5), rowvar=False)
    np.testing.assert_allclose(root(matrix) @ root(matrix), matrix, atol=1e-9)


@pytest.mark.parametrize("wrong", [features(1)[:1], features(1)[:0], features(1)[0]])
def test_one_picture_has_no_spread(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="2 pictures or more"):
        frechet(wrong, features(1))
    with pytest.raises(ValueError, match="2 pictures or more"):
        frechet(features(1), wrong)


def test_features_have_to_match() -> None:
    with pytest.raises(ValueError, match="6 features a picture, the other 5"):
        frechet(features(1), features(1, width=5))
