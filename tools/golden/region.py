"""Golden values for core/region: scipy.ndimage.label, find_objects and binary_fill_holes.

Run: python tools/golden/region.py    (numpy and scipy)
Masks are drawn by a linear congruential generator that the test repeats:
state = (1664525 * state + 1013904223) mod 2^32, value = state / 2^32, pixel = value < share.
"""

import datetime
import json
import pathlib

import numpy as np
import scipy
from scipy import ndimage


def draw(seed, n):
    state, out = seed, np.empty(n)
    for i in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out[i] = state / 2**32
    return out


CASES = [
    # width, height, seed, share
    (31, 17, 1, 0.1),
    (31, 17, 2, 0.3),
    (64, 48, 3, 0.45),
    (64, 48, 4, 0.6),
    (48, 64, 5, 0.75),
    (1, 40, 6, 0.5),
    (40, 1, 7, 0.5),
    (23, 29, 8, 0.9),
]

cases = []
for width, height, seed, share in CASES:
    mask = (draw(seed, width * height) < share).reshape(height, width)
    case = {"width": width, "height": height, "seed": seed, "share": share}
    for connectivity, structure in ((4, ndimage.generate_binary_structure(2, 1)), (8, np.ones((3, 3)))):
        labels, count = ndimage.label(mask, structure)
        area = ndimage.sum_labels(mask, labels, np.arange(1, count + 1)).astype(int)
        boxes = [[s[1].start, s[0].start, s[1].stop - s[1].start, s[0].stop - s[0].start] for s in ndimage.find_objects(labels)]
        largest = sorted(range(count), key=lambda k: (-area[k], k))[:4]
        case[f"count{connectivity}"] = count
        case[f"largest{connectivity}"] = [{"box": boxes[k], "areaPx": int(area[k])} for k in largest]
        # A foreground of one connectivity has a background of the other.
        inside = ndimage.binary_fill_holes(mask, ndimage.generate_binary_structure(2, 1) if connectivity == 8 else np.ones((3, 3)))
        case[f"filled{connectivity}"] = int(inside.sum())
        case[f"filledSum{connectivity}"] = int(np.flatnonzero(inside).sum())
    cases.append(case)

out = {
    "made": {
        "by": "tools/golden/region.py",
        "day": datetime.date.today().isoformat(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    },
    "cases": cases,
}
path = pathlib.Path(__file__).parents[2] / "fixtures/golden/region.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text("{\n" + ",\n".join(f' "{k}": ' + (json.dumps(v) if k != "cases" else "[\n  " + ",\n  ".join(json.dumps(c) for c in v) + "\n ]") for k, v in out.items()) + "\n}\n")
