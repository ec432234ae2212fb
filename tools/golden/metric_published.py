"""Golden values for core/metric/published: the published functions themselves, run on drawn maps.

Run: python tools/golden/metric_published.py CRAS INP-FORMER ROBIS    (the folders of the three checkouts)
Needs numpy 1 and pandas 1, for which that code was written: numpy 1.26, pandas 1.5, scipy, scikit-learn,
scikit-image, opencv-python-headless. Functions are taken out of their files by name, so that torch is not
needed. Maps and masks are drawn as in metric.py; for CRAS masks have a grey edge of 128 around each box.
"""

import ast
import datetime
import json
import pathlib
import statistics
import sys
import warnings

import cv2
import numpy as np
import pandas as pd
import scipy
import skimage
import sklearn
from skimage import measure
from sklearn import metrics
from sklearn.metrics import auc, precision_recall_curve

warnings.filterwarnings("ignore")
np.bool = bool


class Draw:
    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


def take(path, name):
    """One function of a file, without running the file."""
    tree = ast.parse(pathlib.Path(path).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    scope = dict(np=np, ndarray=np.ndarray, pd=pd, cv2=cv2, measure=measure, metrics=metrics, auc=auc,
                 mean=statistics.mean, precision_recall_curve=precision_recall_curve)
    exec(compile(tree, path, "exec"), scope)
    return scope[name]


cras_pro = take(f"{sys.argv[1]}/metrics.py", "compute_pro")
inp_pro = take(f"{sys.argv[2]}/utils.py", "compute_pro")
inp_f1 = take(f"{sys.argv[2]}/utils.py", "f1_score_max")
robis_pro = take(f"{sys.argv[3]}/utils/eval.py", "compute_pro")


def robis_f1(y, s):
    """The line of _metrics in utils/eval.py."""
    prec, rec, _ = precision_recall_curve(y, s)
    return np.max((2 * prec * rec) / (prec + rec + 1e-8))


def attempt(f, failed=None):
    try:
        value = float(f())
        return value if np.isfinite(value) else failed
    except Exception:
        return failed


CASES = [
    # seed, images, [w, h], boxes [image, x, y, w, h], shift, levels
    (31, 3, [40, 32], [[1, 2, 3, 8, 6], [1, 17, 17, 5, 5], [2, 20, 10, 12, 9]], 0.5, 0),
    (32, 4, [36, 36], [[0, 5, 5, 12, 6], [0, 24, 20, 9, 10], [3, 0, 0, 36, 3]], 0.3, 0),
    (33, 2, [30, 30], [[0, 3, 3, 6, 6], [1, 12, 12, 8, 8]], 0.1, 8),
    (34, 2, [30, 20], [[0, 10, 10, 9, 9]], -0.2, 0),
    (35, 2, [24, 24], [[1, 6, 6, 9, 9]], 0.8, 2),
    (36, 2, [24, 24], [[1, 6, 6, 9, 9]], 0.0, 1),
]

cases = []
for seed, images, (w, h), boxes, shift, levels in CASES:
    u, maps, masks, grey = Draw(seed), [], [], []
    for k in range(images):
        mask, soft = np.zeros((h, w), np.uint8), np.zeros((h, w), np.uint8)
        for image, x, y, bw, bh in boxes:
            if image == k:
                mask[y : y + bh, x : x + bw] = 255
                soft[y : y + bh, x : x + bw] = 128
                soft[y + 1 : y + bh - 1, x + 1 : x + bw - 1] = 255
        drawn = np.array([u() for _ in range(w * h)]).reshape(h, w) + shift * (mask > 0)
        # levels 1 stands for constant maps.
        drawn = np.full((h, w), 0.5) if levels == 1 else np.floor(drawn * levels) / levels if levels > 0 else drawn
        maps.append(drawn.astype(np.float32))
        masks.append(mask)
        grey.append(soft)
    maps, masks = np.array(maps), np.array(masks) // 255
    soft = (np.array(grey).astype(np.float32) / np.float32(255)).astype(np.float64)
    normalised = (maps - maps.min()) / (maps.max() - maps.min() + 1e-8)
    cases.append({
        "seed": seed, "images": images, "size": [w, h], "boxes": boxes, "shift": shift, "levels": levels,
        "crasAupro": attempt(lambda: cras_pro(soft, maps), 0.0),
        "inpFormerAupro": attempt(lambda: inp_pro(masks, maps)),
        "robisAupro": attempt(lambda: robis_pro(masks.astype(bool), normalised)),
        "inpFormerF1Max": attempt(lambda: inp_f1(masks.ravel(), maps.ravel())),
        "robisF1Max": attempt(lambda: robis_f1(masks.ravel(), maps.ravel())),
    })

# Thresholds of numpy.arange for ranges where rounding decides between 200 and 201.
ranges = []
random = np.random.default_rng(37)
for _ in range(40):
    low = np.float32(random.random() - 0.5)
    high = np.float32(low + random.random() * 10.0 ** random.integers(-3, 3))
    step = (high - low) / 200
    open_, closed = np.arange(low, high, step), np.arange(low, high + 1e-8, step)
    ranges.append({"low": float(low), "high": float(high), "open": len(open_), "closed": len(closed),
                   "last": float(np.float32(open_[-1])), "lastClosed": float(np.float32(closed[-1]))})

made = {
    "by": "tools/golden/metric_published.py", "day": datetime.date.today().isoformat(), "numpy": np.__version__,
    "pandas": pd.__version__, "scipy": scipy.__version__, "sklearn": sklearn.__version__,
    "skimage": skimage.__version__, "opencv": cv2.__version__,
}
rows = lambda v: "[\n  " + ",\n  ".join(json.dumps(c) for c in v) + "\n ]"
text = f'{{\n "made": {json.dumps(made)},\n "cases": {rows(cases)},\n "ranges": {rows(ranges)}\n}}\n'
(pathlib.Path(__file__).parents[2] / "fixtures/golden/metric-published.json").write_text(text)
