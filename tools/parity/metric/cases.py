"""Random cases of our metrics beside the official evaluations of MVTec, scikit-learn and anomalib.

Run from the root of the repository, with one thread:
    OMP_NUM_THREADS=1 python tools/parity/metric/cases.py OFFICIAL LOCO ANOMALIB WORK [CASES]
    OFFICIAL: mvtec_ad_evaluation, LOCO: mvtec_loco_ad_evaluation, both as MVTec distributes them
    ANOMALIB: folder with the package anomalib 2.7 (an unpacked wheel); needs torch, torchmetrics, opencv
    WORK: an empty folder; CASES: how many of each of three ways to draw them (700)
A case is one to six small maps of float32 scores: continuous, with few levels, all equal, negative, tiny or huge;
with masks of boxes, of single pixels, without any defect, or defect all over. As many again are larger. Cases that a judge cannot evaluate
(one class, no region) are counted apart: there ours has to be null. The last judge is the LOCO evaluation, whose
defects overlap and saturate; with all distinct scores as its thresholds, and as it is.
"""

import contextlib
import importlib
import io
import json
import logging
import math
import pathlib
import subprocess
import sys
import types
import warnings

import numpy as np
import scipy.ndimage
import sklearn
import torch
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
OFFICIAL, LOCO, ANOMALIB, WORK = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
COUNT = int(sys.argv[5]) if len(sys.argv) > 5 else 700
LIMITS = [0.05, 0.3, 1.0]
LOCO_LIMITS = [0.01, 0.05, 0.1, 0.3, 1.0]
PIMO_THRESHOLDS = 3000


def load_anomalib():
    """The metrics alone: the package itself would load its trainers."""
    for name, folder in (("anomalib", ""), ("anomalib.metrics", "metrics"), ("anomalib.utils", "utils")):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = [f"{ANOMALIB}/anomalib/{folder}"]
    sys.modules["anomalib.data"] = types.ModuleType("anomalib.data")
    sys.modules["anomalib.data"].Batch = object
    importlib.import_module("torchmetrics")  # looks for matplotlib, which its figures need; kornia is for GPUs
    for name, what in (("anomalib.metrics.utils", "plot_metric_curve"), ("matplotlib", "figure"), ("matplotlib.figure", "Figure"),
                       ("kornia", "contrib"), ("kornia.contrib", "connected_components")):
        sys.modules.setdefault(name, types.ModuleType(name)).__dict__.setdefault(what, None)
    return types.SimpleNamespace(
        aupro=importlib.import_module("anomalib.metrics.aupro")._AUPRO,
        auroc=importlib.import_module("anomalib.metrics.auroc")._AUROC,
        aupr=importlib.import_module("anomalib.metrics.aupr")._AUPR,
        f1max=importlib.import_module("anomalib.metrics.f1_score")._F1Max,
        aupimo=importlib.import_module("anomalib.metrics.pimo.functional").aupimo_scores,
    )


sys.modules["scipy.ndimage.measurements"] = scipy.ndimage
sys.path[:0] = [OFFICIAL, LOCO]
with contextlib.redirect_stdout(io.StringIO()):
    compute_pro = importlib.import_module("pro_curve_util").compute_pro
    trapezoid = importlib.import_module("generic_util").trapezoid
    compute_roc = importlib.import_module("roc_curve_util").compute_classification_roc
loco_image = importlib.import_module("src.image")
loco_metrics = importlib.import_module("src.metrics")
loco_aggregation = importlib.import_module("src.aggregation")
loco_auc = importlib.import_module("src.util").get_auc_for_max_fpr
anomalib = load_anomalib()


# Drawing.

SCORES = ["even", "even", "even", "2 levels", "3 levels", "10 levels", "equal", "normal", "tiny", "huge", "zeros"]
MASKS = ["boxes", "boxes", "boxes", "pixels", "none", "full"]


def draw_scores(r, kind, shape, mask):
    even = r.random(shape) + 0.3 * mask * r.random()
    even /= max(1.0, even.max())
    if kind.endswith("levels"):
        levels = int(kind.split()[0])
        return np.floor(even * levels) / levels
    if kind == "equal":
        return np.full(shape, r.random())
    if kind == "normal":
        return r.standard_normal(shape) + mask
    if kind == "tiny":
        return even * 1e-39
    if kind == "huge":
        return (even - 0.5) * 1e37
    if kind == "zeros":
        return np.where(even < 0.5, np.where(even < 0.25, -0.0, 0.0), even)
    return even


def draw_mask(r, kind, shape):
    mask = np.zeros(shape, bool)
    n, h, w = shape
    if kind == "full":
        mask[r.integers(0, n)] = True
        if r.random() < 0.3:
            mask[:] = True
    elif kind == "pixels":
        mask[r.random(shape) < 0.1] = True
    elif kind == "boxes":
        for _ in range(r.integers(1, 6)):
            i, y, x = r.integers(0, n), r.integers(0, h), r.integers(0, w)
            mask[i, y : y + r.integers(1, 9), x : x + r.integers(1, 9)] = True
    return mask


def draw_case(seed):
    r = np.random.default_rng(seed)
    shape = (int(r.integers(1, 7)), int(r.integers(1, 25)), int(r.integers(1, 25)))
    scores, masks = SCORES[seed % len(SCORES)], MASKS[int(r.integers(0, len(MASKS)))]
    mask = draw_mask(r, masks, shape)
    return {"scores": scores, "maps": draw_scores(r, scores, shape, mask).astype(np.float32), "masks": mask.astype(np.uint8), "bounds": [1e-2, 1e-1]}


def draw_more(seed):
    """Larger maps with good images and defects, for AUPIMO needs rates that small maps do not have."""
    r = np.random.default_rng(20_000 + seed)
    shape = (int(r.integers(3, 7)), int(r.integers(14, 48)), int(r.integers(14, 48)))
    mask = draw_mask(r, "boxes", shape)
    mask[0] = False
    mask[1, 3:9, 5:8] = True
    scores = ["even", "normal", "even", "normal", "10 levels", "even", "normal", "equal"][seed % 8]
    bounds = [[1e-2, 1e-1], [1e-2, 0.3], [3e-3, 3e-2]][seed % 3]
    return {"scores": scores, "maps": draw_scores(r, scores, shape, mask).astype(np.float32), "masks": mask.astype(np.uint8), "bounds": bounds}


def draw_loco(seed):
    """Good images, and images whose defects are boxes in pieces that may overlap; what is free is kept free."""
    r = np.random.default_rng(10_000 + seed)
    n, h, w = int(r.integers(3, 9)), int(r.integers(4, 25)), int(r.integers(4, 25))
    kinds = ["good" if i == 0 else ["logical_anomalies", "structural_anomalies"][i % 2] if i < 3 else
             str(r.choice(["good", "logical_anomalies", "structural_anomalies"])) for i in range(n)]
    defects = []
    for i, kind in enumerate(kinds):
        for _ in range(0 if kind == "good" else r.integers(1, 4)):
            area = np.zeros((h, w), bool)
            for _ in range(r.integers(1, 3)):
                y, x = r.integers(0, h), r.integers(0, w)
                area[y : y + r.integers(1, 9), x : x + r.integers(1, 9)] = True
            size = int(area.sum())
            relative = bool(r.random() < 0.5)
            # The official code divides by zero where a share comes to no pixel.
            threshold = float(np.clip(r.random() * 1.2, 1.5 / max(size, 2), 1.0)) if relative else int(r.integers(1, size * 2 + 1))
            defects.append({"image": i, "area": area, "relative": relative, "threshold": 1.0 if size == 1 and relative else threshold})
    union = np.zeros((n, h, w))
    for defect in defects:
        union[defect["image"]] += defect["area"]
    scores = ["even", "even", "normal", "3 levels", "10 levels", "equal"][seed % 6]
    return {"scores": scores, "kinds": kinds, "defects": defects, "maps": draw_scores(r, scores, (n, h, w), union > 0).astype(np.float32)}


# Judges: each gives values by name, None where it has none.


def silent(work):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), np.errstate(all="ignore"):
        return work()


def judge_official(case):
    maps, masks = case["maps"], case["masks"]
    values = {}
    hasBoth = bool(masks.any() and not masks.all())
    curve = silent(lambda: compute_pro(list(maps), list(masks))) if hasBoth else None
    for limit in LIMITS:
        values[f"AU-PRO {limit:g}"] = float(silent(lambda: trapezoid(*curve, x_max=limit)) / limit) if curve else None
    labels = masks.any((1, 2)).astype(int)
    values["image AUROC"] = float(trapezoid(*compute_roc(list(maps), np.max, list(labels)))) if 0 < labels.sum() < len(labels) else None
    return values


def judge_sklearn(case):
    values = {}
    for level, y, s in (("pixel", case["masks"].ravel(), case["maps"].ravel()),
                        ("image", case["masks"].any((1, 2)).astype(int), case["maps"].max((1, 2)))):
        both = 0 < y.sum() < y.size
        s = s.astype(np.float64)
        precision, recall, _ = precision_recall_curve(y, s) if both else (np.zeros(1),) * 3
        total = precision + recall
        values[f"{level} AUROC"] = float(roc_auc_score(y, s)) if both else None
        values[f"{level} AUROC to 0.05, McClish"] = float(roc_auc_score(y, s, max_fpr=0.05)) if both else None
        values[f"{level} AUROC to 0.3, McClish"] = float(roc_auc_score(y, s, max_fpr=0.3)) if both else None
        values[f"{level} AP"] = float(average_precision_score(y, s)) if both else None
        values[f"{level} F1-max"] = float(np.max(np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0))) if both else None
    return values


def judge_anomalib(case):
    maps, masks = torch.tensor(case["maps"]), torch.tensor(case["masks"]).int()
    both = bool(masks.any() and not masks.all())
    values = {}
    for limit in (0.05, 0.3):
        metric = anomalib.aupro(fpr_limit=limit)
        metric.update(maps, masks)
        # It stumbles over maps of one row or column, and takes an image that is defect all over for a good one.
        fits = min(maps.shape) > 1 and not bool(masks.all(dim=2).all(dim=1).any())
        values[f"AU-PRO {limit:g}"] = None if not both else float(metric.compute()) if fits else math.nan
    # Scores outside [0, 1] would go through a sigmoid first.
    for name, make in (("pixel AUROC", anomalib.auroc), ("pixel AP", anomalib.aupr), ("pixel F1-max", anomalib.f1max)):
        metric = make()
        metric.update(maps.flatten(), masks.flatten())
        values[name] = float(metric.compute()) if both and maps.min() >= 0 and maps.max() <= 1 else None if not both else math.nan
    return values


def judge_aupimo(case):
    try:
        *_, classes, scores, _ = anomalib.aupimo(torch.tensor(case["maps"]), torch.tensor(case["masks"]).bool(),
                                                 num_thresholds=PIMO_THRESHOLDS, fpr_bounds=tuple(case["bounds"]))
        return [float(value) for value, kind in zip(scores, classes) if kind == 1]
    except (RuntimeError, ValueError) as error:
        # It refuses thresholds so close together that float32 makes some equal; ours need not differ.
        return math.nan if "strictly increasing" in str(error) else None


def loco_values(gt, maps, thresholds, kinds, refine):
    anomaly_maps = [loco_image.AnomalyMap(m, file_path=str(i)) for i, m in enumerate(maps)]
    if refine:
        metrics = loco_aggregation.MetricsAggregator(gt, anomaly_maps).run(curve_max_distance=0.001)
    else:
        spros = loco_metrics.get_spros_of_defects_of_images(gt, anomaly_maps, thresholds)
        fp, tn = loco_metrics.get_fp_tn_areas_per_image(gt, anomaly_maps, thresholds)
        metrics = loco_aggregation.ThresholdMetrics(gt, anomaly_maps, thresholds, spros, fp, tn)
    values = {}
    for kind in ("logical_anomalies", "structural_anomalies"):
        own = metrics.reduce_to_images([m for m, k in zip(anomaly_maps, kinds) if k in (kind, "good")])
        for limit in LOCO_LIMITS:
            values[f"{kind[:-10]} {limit:g}"] = float(loco_auc(own.get_fp_rates(), own.get_mean_spros(), limit))
    for limit in LOCO_LIMITS:
        values[f"mean {limit:g}"] = 0.5 * (values[f"logical {limit:g}"] + values[f"structural {limit:g}"])
    return values


def judge_loco(case, refine=False):
    gt = []
    for i in range(len(case["kinds"])):
        own = [d for d in case["defects"] if d["image"] == i]
        config = lambda d: loco_image.DefectConfig("a defect", 1, d["threshold"], d["relative"])
        gt.append(loco_image.GroundTruthMap([loco_image.GroundTruthChannel(d["area"], config(d)) for d in own]) if own else None)
    distinct = np.unique(case["maps"].astype(np.float64))[::-1]
    return loco_values(gt, case["maps"], np.append(distinct, -np.inf), case["kinds"], refine)


# Comparing.


class Tally:
    def __init__(self, judge, bound):
        self.judge, self.bound, self.rows = judge, bound, {}

    def add(self, name, theirs, mine):
        row = self.rows.setdefault(name, {"compared": 0, "none": 0, "worst": 0.0})
        if theirs is not None and math.isnan(theirs):
            return
        if theirs is None or mine is None:
            if (theirs is None) != (mine is None):
                raise SystemExit(f"{self.judge}, {name}: {theirs} and {mine}")
            row["none"] += 1
            return
        row["compared"] += 1
        row["worst"] = max(row["worst"], abs(theirs - mine))

    def show(self):
        for name, row in self.rows.items():
            verdict = "" if row["worst"] <= self.bound else f"  ABOVE {self.bound:g}"
            print(f"| {self.judge} | {name} | {row['compared']} | {row['none']} | {row['worst']:.0e} |{verdict}")
        return all(row["worst"] <= self.bound for row in self.rows.values())


cases = [draw_case(seed) for seed in range(COUNT)] + [draw_more(seed) for seed in range(COUNT)]
locos = [draw_loco(seed) for seed in range(COUNT)]
WORK.mkdir(parents=True, exist_ok=True)
with open(WORK / "cases.bin", "wb") as out:
    for case in cases:
        case["maps"].tofile(out)
        case["masks"].tofile(out)
        out.write(bytes(-case["masks"].size % 4))
    for case in locos:
        case["maps"].tofile(out)
        for defect in case["defects"]:
            defect["area"].astype(np.uint8).tofile(out)
            out.write(bytes(-defect["area"].size % 4))
(WORK / "cases.json").write_text(json.dumps({
    "limits": LIMITS, "thresholds": PIMO_THRESHOLDS,
    "cases": [{"shape": case["maps"].shape, "bounds": case["bounds"]} for case in cases],
    "locos": [{"shape": case["maps"].shape, "kinds": case["kinds"],
               "defects": [{"image": d["image"], "threshold": d["threshold"], "isRelative": d["relative"]} for d in case["defects"]]}
              for case in locos]}))
answer = subprocess.run(["node", "tools/parity/metric/cases.ts", str(WORK)], capture_output=True, text=True)
if answer.returncode != 0:
    raise SystemExit(answer.stderr)
ours = json.loads(answer.stdout)

tallies = [Tally("official AD and AD 2", 1e-9), Tally("scikit-learn", 1e-9), Tally("anomalib, float32", 1e-6), Tally("anomalib", 1e-9),
           Tally("official LOCO, all thresholds", 1e-9), Tally("official LOCO, as it is", math.inf)]
official, learn, floats, pimo, loco, loco_refined = tallies
for case, mine in zip(cases, ours["cases"]):
    for tally, judge in ((official, judge_official), (learn, judge_sklearn), (floats, judge_anomalib)):
        for name, value in judge(case).items():
            tally.add(name, value, mine[name])
    values = judge_aupimo(case)
    if values is math.nan:
        continue
    if values is None or mine["AUPIMO"] is None:
        pimo.add("AUPIMO of each image", None if values is None else 0.0, None if mine["AUPIMO"] is None else 0.0)
    else:
        pimo.add("AUPIMO of each image", 0.0, max(abs(a - b) for a, b in zip(values, mine["AUPIMO"], strict=True)))
for case, mine in zip(locos, ours["locos"]):
    for name, value in silent(lambda: judge_loco(case)).items():
        loco.add(f"AU-sPRO {name}", value, mine[name])
    # Its first thresholds have to differ.
    if case["scores"] in ("even", "normal") and case["maps"].size > 200:
        np.random.seed(0)
        for name, value in silent(lambda: judge_loco(case, refine=True)).items():
            loco_refined.add(f"AU-sPRO {name}", value, mine[name])

kinds = {kind: sum(case["scores"] == kind for case in cases) for kind in dict.fromkeys(SCORES)}
print(f"{len(cases)} cases and {len(locos)} of LOCO; scores {kinds}; "
      f"without defect pixels {sum(not c['masks'].any() for c in cases)}, defect all over {sum(bool(c['masks'].all()) for c in cases)}, "
      f"one class of images {sum(len(set(c['masks'].any((1, 2)))) == 1 for c in cases)}")
print(f"numpy {np.__version__}, scikit-learn {sklearn.__version__}, torch {torch.__version__}")
print("| judge | metric | compared | none on both sides | worst difference |\n|---|---|---|---|---|")
sys.exit(0 if all([tally.show() for tally in tallies]) else 1)
