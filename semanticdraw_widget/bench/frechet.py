"""The Fréchet distance between two sets of pictures, each seen as the Gaussian that fits its features (Dowson and
Landau 1982; as a score of pictures: Heusel et al. 2017, arXiv 1706.08500)."""

from __future__ import annotations

import numpy as np


def root(matrix: np.ndarray) -> np.ndarray:
    """The square root of a symmetric matrix without negative eigenvalues; what rounding made negative counts as 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def fitted(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (features,) and covariance (features, features) of the rows."""
    values = np.asarray(features, np.float64)
    if values.ndim != 2 or len(values) < 2:
        raise ValueError(
            f"the Fréchet distance takes features (pictures, features) of 2 pictures or more, not {values.shape}: "
            "one picture has no spread"
        )
    return values.mean(0), np.atleast_2d(np.cov(values, rowvar=False))


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """The squared distance, 0 and up: |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)).

    one, other: float (pictures, features), two pictures or more each. Few pictures make it too large: n of them span
    n - 1 directions at most, and all spread in the others counts as missing. So compare figures of equally many
    pictures only, against the same set. Raises ValueError for less than two pictures or features that do not match.
    """
    (mean, spread), (mean_of_other, spread_of_other) = fitted(one), fitted(other)
    if mean.shape != mean_of_other.shape:
        raise ValueError(f"one set has {mean.size} features a picture, the other {mean_of_other.size}")
    # C1 C2 is similar to the symmetric C1^(1/2) C2 C1^(1/2), whose eigenvalues are real and 0 or more.
    half = root(spread)
    values = np.linalg.eigvalsh(half @ spread_of_other @ half)
    both = 2 * np.sqrt(np.maximum(values, 0)).sum()
    distance = np.square(mean - mean_of_other).sum() + np.trace(spread) + np.trace(spread_of_other) - both
    return max(float(distance), 0.0)
