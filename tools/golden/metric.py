"""Golden values for core/metric: scikit-learn, and AU-PRO by its slow definition with scipy regions.

Run: python tools/golden/metric.py    (numpy, scipy, scikit-learn)
Scores are drawn by a linear congruential generator that the test repeats:
state = (1664525 * state + 1013904223) mod 2^32, u = state / 2^32.
Image case: per sample y = u < share, then s = u + shift * y, floored to a multiple of 1 / levels when
levels > 0, and 0.25 for all when levels < 0.
Pixel case: masks are unions of boxes [image, x, y, w, h]; per pixel s = float32(u + shift * inside), the
sum floored to a multiple of 1 / levels in float64 when levels > 0.
Curve case: counts given outright, to reach beyond 2^24 pixels.
"""

import datetime
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import ndimage
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

LIMITS = [0.05, 0.3, 1.0]


class Draw:
    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


def f1_max(y, s):
    precision, recall, _ = precision_recall_curve(y, s)
    total = precision + recall
    return float(np.max(np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)))


def three(y, s):
    return {"auroc": float(roc_auc_score(y, s)), "ap": float(average_precision_score(y, s)), "f1Max": f1_max(y, s)}


def area_below(fpr, pro, limit):
    """Trapezoids up to the limit, with the curve interpolated there."""
    inside = fpr <= limit
    x, y = fpr[inside], pro[inside]
    if x[-1] != limit:
        nxt = len(x)
        at = pro[nxt - 1] + (pro[nxt] - pro[nxt - 1]) * (limit - fpr[nxt - 1]) / (fpr[nxt] - fpr[nxt - 1])
        x, y = np.append(x, limit), np.append(y, at)
    return float(np.trapezoid(y, x) / limit)


def with_ends(fpr, pro):
    return np.concatenate(([0.0], np.minimum(fpr, 1), [1.0])), np.concatenate(([0.0], np.minimum(pro, 1), [1.0]))


def aupro(maps, masks):
    """Every distinct score as a threshold; false positive rates in float32 as the official code keeps them."""
    regions, outside = [], []
    for scores, mask in zip(maps, masks):
        labels, count = ndimage.label(mask, np.ones((3, 3)))
        outside.append(scores[labels == 0])
        regions += [np.sort(scores[labels == k]) for k in range(1, count + 1)]
    outside = np.sort(np.concatenate(outside))
    thresholds = np.unique(np.concatenate([m.ravel() for m in maps]))[::-1]
    above = lambda sorted_scores: len(sorted_scores) - np.searchsorted(sorted_scores, thresholds, "left")
    fpr = above(outside).astype(np.float32) / np.float32(len(outside))
    pro = np.mean([above(r) / len(r) for r in regions], axis=0)
    x, y = with_ends(fpr.astype(np.float64), pro)
    return [area_below(x, y, limit) for limit in LIMITS], len(regions)


IMAGE_CASES = [
    # n, seed, share, shift, levels
    (50, 11, 0.4, 0.3, 0),
    (400, 12, 0.2, 0.2, 20),
    (400, 13, 0.7, 0.05, 5),
    (300, 14, 0.05, 0.5, 0),
    (80, 15, 0.5, -0.4, 10),
    (60, 16, 0.5, 2.0, 0),
    (40, 17, 0.5, 0.0, -1),
]

images = []
for n, seed, share, shift, levels in IMAGE_CASES:
    u, y, s = Draw(seed), [], []
    for _ in range(n):
        y.append(u() < share)
        value = u() + shift * y[-1]
        s.append(0.25 if levels < 0 else np.floor(value * levels) / levels if levels > 0 else value)
    images.append({"n": n, "seed": seed, "share": share, "shift": shift, "levels": levels, **three(y, s)})

PIXEL_CASES = [
    # seed, sizes [w, h], boxes [image, x, y, w, h], shift, levels
    (21, [[24, 20], [24, 20], [24, 20]], [[1, 2, 3, 5, 4], [1, 7, 7, 3, 3], [1, 15, 10, 6, 8], [2, 0, 0, 2, 2]], 0.5, 0),
    (22, [[40, 30], [31, 17]], [[0, 5, 5, 12, 6], [0, 30, 20, 10, 10], [1, 0, 0, 31, 3]], 0.3, 16),
    (23, [[16, 16], [16, 16]], [[0, 0, 0, 1, 1], [0, 2, 0, 1, 1], [0, 1, 1, 1, 1], [1, 4, 4, 8, 8]], 0.1, 4),
    (24, [[50, 40]], [[0, 10, 10, 20, 20]], -0.2, 0),
    (25, [[12, 10], [12, 10]], [[0, 3, 3, 4, 4]], 3.0, 0),
]

pixels = []
for seed, sizes, boxes, shift, levels in PIXEL_CASES:
    u, maps, masks = Draw(seed), [], []
    for k, (w, h) in enumerate(sizes):
        mask = np.zeros((h, w), np.uint8)
        for image, x, y, bw, bh in boxes:
            if image == k:
                mask[y : y + bh, x : x + bw] = 255
        drawn = np.array([u() for _ in range(w * h)]).reshape(h, w) + shift * (mask > 0)
        maps.append((np.floor(drawn * levels) / levels if levels > 0 else drawn).astype(np.float32))
        masks.append(mask)
    y = np.concatenate([m.ravel() > 0 for m in masks])
    s = np.concatenate([m.ravel() for m in maps])
    areas, count = aupro(maps, masks)
    pixels.append({"seed": seed, "sizes": sizes, "boxes": boxes, "shift": shift, "levels": levels, "regions": count, **three(y, s), "aupro": areas})

# Rounding of counts above 2^24, where float32 and float64 false positive rates part.
false = [3, 2**24 - 1, 2**24 + 1, 2**24 + 3, 2**25 + 3, 2**25 + 5, 54_000_001]
overlap = [0.25, 0.5, 0.6875, 1.125, 1.25, 1.75, 2.0]
fpr = (np.array(false, np.uint32).astype(np.float32) / np.int64(false[-1])).astype(np.float32)
x, y = with_ends(fpr.astype(np.float64), np.array(overlap) / 2)
exact = with_ends(np.array(false) / false[-1], np.array(overlap) / 2)
curve = {"falsePositives": false, "overlap": overlap, "regions": 2, "aupro": [area_below(x, y, limit) for limit in LIMITS], "auproFloat64": [area_below(*exact, limit) for limit in LIMITS]}

out = {
    "made": {
        "by": "tools/golden/metric.py",
        "day": datetime.date.today().isoformat(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "sklearn": sklearn.__version__,
    },
    "limits": LIMITS,
    "images": images,
    "pixels": pixels,
    "curve": curve,
}
rows = lambda v: "[\n  " + ",\n  ".join(json.dumps(c) for c in v) + "\n ]"
text = ",\n".join(f' "{k}": ' + (rows(v) if k in ("images", "pixels") else json.dumps(v)) for k, v in out.items())
path = pathlib.Path(__file__).parents[2] / "fixtures/golden/metric.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text("{\n" + text + "\n}\n")
