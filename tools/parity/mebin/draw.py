"""Anomaly maps of five kinds, as float16 from 0 to 255: what a binariser meets, and what it should survive."""

import cv2
import numpy as np


def smooth(width, height, rng, i):
    """A smoothed surface with `i` spots of different size and strength."""
    return surface(width, height, rng, 40, 12, i, grain=1.5 + i % 3)


def noisy(width, height, rng, i):
    """Noise of single pixels, thousands of components, with `i` spots."""
    return surface(width, height, rng, 60, 20, i, grain=0)


def flat(width, height, rng, i):
    """One value everywhere, but in half of the maps for a square that stands out."""
    plane = np.full((height, width), rng.uniform(10, 200), np.float32)
    if i % 2 == 1:
        plane[height // 4 : height // 2, width // 4 : width // 2] += rng.uniform(1, 40)
    return plane


def zero(width, height, _rng, _i):
    return np.zeros((height, width), np.float32)


def saturated(width, height, rng, i):
    """Large plateaus at the top, 255 or a little less, and much at 0."""
    return np.minimum(6 * (surface(width, height, rng, 40, 30, i, grain=3) - 60), 255 - 12 * (i % 3))


KINDS = {"smooth": smooth, "noisy": noisy, "flat": flat, "zero": zero, "saturated": saturated}


def surface(width, height, rng, mean, deviation, spots, grain):
    plane = rng.normal(size=(height, width)).astype(np.float32)
    if grain > 0:
        plane = cv2.GaussianBlur(plane, (0, 0), grain)
    plane = mean + deviation * plane / plane.std()
    y, x = np.mgrid[0:height, 0:width]
    for _ in range(spots):
        cx, cy, reach, strength = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 25), rng.uniform(60, 200)
        plane += strength * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * reach * reach))
    return plane


def draw(kind, width, height, rng, i):
    """Map `i` of a split of one kind, or of "mixed", which has all kinds in turn."""
    names = list(KINDS)
    make = KINDS[names[i % len(names)] if kind == "mixed" else kind]
    return np.clip(make(width, height, rng, i), 0, 255).astype(np.float16)
