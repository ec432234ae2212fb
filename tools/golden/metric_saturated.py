"""Golden values for core/metric: AU-sPRO of the official MVTec LOCO AD evaluation, with every score as a threshold.

Run: python tools/golden/metric_saturated.py LOCO
    LOCO: mvtec_loco_ad_evaluation, as MVTec distributes it; needs numpy, tifffile, tqdm, Pillow
Draws as in metric.py. Defects are unions of boxes [x, y, w, h] and may overlap.
"""

import contextlib
import datetime
import importlib
import io
import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
image = importlib.import_module("src.image")
metrics = importlib.import_module("src.metrics")
aggregation = importlib.import_module("src.aggregation")
auc = importlib.import_module("src.util").get_auc_for_max_fpr
LIMITS = [0.01, 0.05, 0.1, 0.3, 1.0]


class Draw:
    def __init__(self, seed):
        self.state = seed

    def __call__(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return self.state / 2**32


GOOD, LOGICAL, STRUCTURAL = "good", "logical_anomalies", "structural_anomalies"
CASES = [
    # seed, size, kinds, defects (image, boxes, threshold, relative), shift, levels
    (81, [24, 20], [GOOD, LOGICAL, STRUCTURAL],
     [(1, [[2, 2, 6, 5], [15, 10, 4, 4]], 0.5, True), (1, [[6, 4, 6, 6]], 12, False), (2, [[9, 9, 3, 8]], 1.0, True)], 0.4, 0),
    (82, [17, 31], [GOOD, GOOD, LOGICAL, LOGICAL, STRUCTURAL],
     [(2, [[0, 0, 17, 3]], 5, False), (3, [[4, 20, 9, 9]], 400, False), (4, [[3, 3, 2, 2]], 0.7, True), (4, [[10, 25, 7, 6]], 0.31, True)], 0.2, 12),
    (83, [15, 15], [LOGICAL, STRUCTURAL, GOOD], [(0, [[0, 0, 15, 15]], 0.25, True), (1, [[7, 7, 1, 1]], 1, False)], 0.0, 3),
]


def judge(seed, size, kinds, defects, shift, levels):
    w, h = size
    draw = Draw(seed)
    areas = []
    for index, boxes, _, _ in defects:
        area = np.zeros((h, w), bool)
        for x, y, bw, bh in boxes:
            area[y : y + bh, x : x + bw] = True
        areas.append(area)
    maps, truths, saturations = [], [], {}
    for i, kind in enumerate(kinds):
        own = [k for k, defect in enumerate(defects) if defect[0] == i]
        union = np.any([areas[k] for k in own], axis=0) if own else np.zeros((h, w), bool)
        values = [draw() + (shift if inside else 0) for inside in union.ravel()]
        values = np.floor(np.array(values) * levels) / levels if levels else np.array(values)
        maps.append(image.AnomalyMap(values.astype(np.float32).reshape(h, w), file_path=str(i)))
        channels = [image.GroundTruthChannel(areas[k], image.DefectConfig("a defect", 1, defects[k][2], defects[k][3])) for k in own]
        saturations.update({k: float(channel.get_saturation_area()) for k, channel in zip(own, channels)})
        truths.append(image.GroundTruthMap(channels) if channels else None)
    thresholds = np.append(np.unique([m.np_array.astype(np.float64) for m in maps])[::-1], -np.inf)
    spros = metrics.get_spros_of_defects_of_images(truths, maps, thresholds)
    fp, tn = metrics.get_fp_tn_areas_per_image(truths, maps, thresholds)
    whole = aggregation.ThresholdMetrics(truths, maps, thresholds, spros, fp, tn)
    expected = {}
    for kind in (LOGICAL, STRUCTURAL):
        own = whole.reduce_to_images([m for m, k in zip(maps, kinds) if k in (kind, GOOD)])
        expected[kind] = [float(auc(own.get_fp_rates(), own.get_mean_spros(), limit)) for limit in LIMITS]
    return {"seed": seed, "images": len(kinds), "size": size, "kinds": kinds,
            "defects": [{"image": d[0], "boxes": d[1], "saturation": saturations[k]} for k, d in enumerate(defects)],
            "shift": shift, "levels": levels, "auspro": expected}


with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    cases = [judge(*case) for case in CASES]
made = {"by": "tools/golden/metric_saturated.py", "day": datetime.date.today().isoformat(), "numpy": np.__version__}
rows = ",\n  ".join(json.dumps(case) for case in cases)
text = f'{{\n "made": {json.dumps(made)},\n "cases": [\n  {rows}\n ]\n}}\n'
(pathlib.Path(__file__).parents[2] / "fixtures/golden/metric-saturated.json").write_text(text)
