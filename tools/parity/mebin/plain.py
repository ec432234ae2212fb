"""MEBin of assay mode as its rule reads (packages/core/src/binarise/mebin/mebin.ts), mask by mask, for comparison."""

import cv2
import numpy as np

FALSE_MASKS, EROSION, SHORTEST, STEPS = 0.15, 3, 4, 64
KERNEL = np.ones((EROSION, EROSION), np.uint8)


def fit(maps):
    """Lowest and highest threshold from good maps; at least six, so that the quantile lies among their peaks."""
    peaks = sorted(float(cv2.erode(plane, KERNEL).max()) for plane in maps)
    rank = (1 - FALSE_MASKS) * (len(peaks) + 1) - 1
    below = int(rank)
    assert below + 1 < len(peaks)
    lower = peaks[below] + (peaks[below + 1] - peaks[below]) * (rank - below)
    return lower, lower + max(0.0, lower - peaks[len(peaks) // 2])


def binarise(plane, lower, upper):
    """Threshold, None where nothing rises above the good maps, and mask."""
    peak = float(cv2.erode(plane, KERNEL).max())
    if not peak > lower:
        return None, np.zeros(plane.shape, np.uint8)
    span = min(peak, upper) - lower
    counts = [count(plane, lower + span * k / STEPS) for k in range(STEPS)]
    threshold, k = lower, 0
    while k < STEPS:
        end = k
        while end + 1 < STEPS and counts[end + 1] == counts[k]:
            end += 1
        if counts[k] > 0 and end - k + 1 >= SHORTEST:
            threshold = lower + span * k / STEPS
            break
        k = end + 1
    mask = above(plane, threshold)
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    kept = np.unique(labels[cv2.erode(mask, KERNEL) > 0])
    return threshold, np.where(np.isin(labels, kept[kept > 0]), 255, 0).astype(np.uint8)


def above(plane, threshold):
    return np.where(plane.astype(np.float64) > threshold, 255, 0).astype(np.uint8)


def count(plane, threshold):
    return cv2.connectedComponents(cv2.erode(above(plane, threshold), KERNEL), connectivity=8)[0] - 1
