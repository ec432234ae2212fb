"""Golden values for core/metric: partial AUROC, quantiles, AUPIMO, and the metrics of adeval.

Run: python tools/golden/metric_more.py ANOMALIB ADEVAL
    ANOMALIB: folder that holds the package anomalib 2.7 (an unpacked wheel); only metrics/pimo is loaded
    ADEVAL: folder that holds the package adeval 1.1.0
Needs numpy 2, scikit-learn, torch, opencv-python-headless. Draws as in metric.py.
adeval's class for CUDA is run on the CPU, with its call of torch.histc replaced by the formula that
torch.histc has on CUDA, in float32.
"""

import datetime
import importlib
import json
import logging
import pathlib
import sys
import types

import numpy as np
import sklearn
import torch
from sklearn.metrics import roc_auc_score

logging.disable(logging.CRITICAL)


class Draw:
    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


package = types.ModuleType("pimo")
package.__path__ = [f"{sys.argv[1]}/anomalib/metrics/pimo"]
sys.modules["pimo"] = package
pimo = importlib.import_module("pimo.functional")

np.trapz = np.trapezoid
sys.path.insert(0, sys.argv[2])
iterative = importlib.import_module("adeval.iterative_cuda")
strips = importlib.import_module("adeval.cuda_mem_effic")
zeros = torch.zeros
strips.torch.zeros = lambda *a, **k: zeros(*a, **{**k, "device": "cpu"})


def histogram_bins(values, bins, low, high):
    v, low, high = values.numpy().ravel(), np.float32(low), np.float32(high)
    place = ((v - low) * np.float32(bins) / (high - low)).astype(np.int64)
    place[place == bins] -= 1
    counts = np.concatenate(([0], np.bincount(place, minlength=bins), [np.sum(v >= high)]))
    return torch.tensor(counts, dtype=torch.float64)


strips._histogram_bins = histogram_bins


def draw_maps(seed, images, w, h, boxes, shift, levels, power=1):
    u, maps, masks = Draw(seed), [], []
    for k in range(images):
        mask = np.zeros((h, w), np.uint8)
        for image, x, y, bw, bh in boxes:
            if image == k:
                mask[y : y + bh, x : x + bw] = 1
        drawn = np.array([u() for _ in range(w * h)]).reshape(h, w)
        for _ in range(power - 1):
            drawn = drawn * drawn
        drawn = drawn + shift * (mask > 0)
        maps.append((np.floor(drawn * levels) / levels if levels > 0 else drawn).astype(np.float32))
        masks.append(mask)
    return np.array(maps), np.array(masks)


PARTIAL = [(41, 60, 0.4, 0.3, 0), (42, 300, 0.2, 0.4, 20), (43, 200, 0.6, 0.0, 4), (44, 80, 0.5, -0.4, 0), (45, 50, 0.5, 2.0, 0)]
partial = []
for n, (seed, count, share, shift, levels) in enumerate(PARTIAL):
    u, y, s = Draw(seed), [], []
    for _ in range(count):
        y.append(u() < share)
        value = u() + shift * y[-1]
        s.append(np.floor(value * levels) / levels if levels > 0 else value)
    limits = [0.05, 0.3, 1.0]
    partial.append({"n": count, "seed": seed, "share": share, "shift": shift, "levels": levels, "limits": limits,
                    "mcclish": [float(roc_auc_score(y, s, max_fpr=limit)) for limit in limits]})

AUPIMO = [
    # seed, images, [w, h], boxes, shift, levels, power
    (51, 4, [400, 300], [[2, 20, 30, 50, 40], [3, 100, 120, 30, 60], [3, 300, 200, 9, 9]], 0.6, 0, 3),
    (52, 5, [300, 300], [[3, 20, 30, 50, 40], [4, 0, 0, 300, 2]], 0.9, 50000, 4),
    (53, 3, [500, 400], [[2, 20, 30, 50, 40]], 0.2, 0, 4),
    (54, 3, [60, 40], [[2, 20, 10, 9, 9]], 0.5, 0, 1),
    (55, 3, [400, 300], [[2, 20, 10, 9, 9]], 0.9, 8, 1),
]
aupimo = []
for seed, images, (w, h), boxes, shift, levels, power in AUPIMO:
    maps, masks = draw_maps(seed, images, w, h, boxes, shift, levels, power)
    case = {"seed": seed, "images": images, "size": [w, h], "boxes": boxes, "shift": shift, "levels": levels, "power": power}
    try:
        *_, classes, scores, points = pimo.aupimo_scores(torch.tensor(maps), torch.tensor(masks).bool())
        scores = [float(s) for s, c in zip(scores, classes) if c == 1]
        aupimo.append({**case, "values": scores, "points": points})
    except (RuntimeError, ValueError):
        aupimo.append({**case, "values": None, "points": 0})

ADEVAL = [
    (61, 3, [40, 32], [[1, 2, 3, 8, 6], [1, 17, 17, 5, 5], [2, 20, 10, 12, 9]], 0.5, 0),
    (62, 4, [36, 36], [[0, 5, 5, 12, 6], [0, 24, 20, 9, 10], [3, 0, 0, 36, 3]], 0.3, 0),
    (63, 2, [30, 30], [[0, 3, 3, 6, 6], [1, 12, 12, 8, 8]], 0.1, 8),
    (64, 2, [30, 20], [[0, 10, 10, 9, 9]], -0.2, 0),
]
adeval = []
for seed, images, (w, h), boxes, shift, levels in ADEVAL:
    maps, masks = draw_maps(seed, images, w, h, boxes, shift, levels)
    accum = iterative.EvalAccumulator(0.0, 1.0, float(maps.min()), float(maps.max()), nstrips=200)
    accum.add_anomap_batch(torch.tensor(maps), torch.tensor(masks))
    adeval.append({"seed": seed, "images": images, "size": [w, h], "boxes": boxes, "shift": shift, "levels": levels,
                   "pixelAuroc": accum._auroc(accum._pixel_acc), "pixelAupr": accum._aupr(accum._pixel_acc),
                   "aupro": float(accum._aupro())})

values = [float(v) for v in np.round(np.random.default_rng(71).random(50), 6)]
quantiles = {"values": values, "confidence": [0.9, 0.95],
             "intervals": [[float(np.quantile(values, (1 - c) / 2)), float(np.quantile(values, (1 + c) / 2))] for c in (0.9, 0.95)]}

made = {"by": "tools/golden/metric_more.py", "day": datetime.date.today().isoformat(), "numpy": np.__version__,
        "sklearn": sklearn.__version__, "torch": torch.__version__, "anomalib": "2.7.0", "adeval": "1.1.0"}
rows = lambda v: "[\n  " + ",\n  ".join(json.dumps(c) for c in v) + "\n ]"
text = (f'{{\n "made": {json.dumps(made)},\n "partial": {rows(partial)},\n "aupimo": {rows(aupimo)},\n'
        f' "adeval": {rows(adeval)},\n "quantiles": {json.dumps(quantiles)}\n}}\n')
(pathlib.Path(__file__).parents[2] / "fixtures/golden/metric-more.json").write_text(text)
