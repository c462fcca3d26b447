"""Clusters a few entries by their mean similarity (average link), which one entry's chance likeness does not sway."""

import numpy as np
from numpy.typing import NDArray


def average_link(similar: NDArray[np.float32], least: float) -> list[list[int]]:
    """Joins the two closest clusters again and again, while their mean similarity is at least ``least``.

    ``similar`` is ``(n, n)`` and symmetric. Answers positions, each cluster and all of them in ascending order.
    """
    n = len(similar)
    clusters: dict[int, list[int]] = {i: [i] for i in range(n)}
    means = similar.astype(np.float64)
    np.fill_diagonal(means, -1)
    while len(clusters) > 1:
        i, j = divmod(int(np.argmax(means)), n)
        if means[i, j] < least:
            break
        ours, theirs = len(clusters[i]), len(clusters[j])
        joined = (means[i] * ours + means[j] * theirs) / (ours + theirs)
        joined[means[i] < 0] = -1
        joined[means[j] < 0] = -1
        means[i, :] = means[:, i] = joined
        means[j, :] = means[:, j] = means[i, i] = -1
        clusters[i] += clusters.pop(j)
    return sorted(sorted(one) for one in clusters.values())
