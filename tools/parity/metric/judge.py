"""Our pixel metrics beside the official AU-PRO code, scikit-learn and anomalib, on drawn and real inputs.

Run from the root of the repository, with one thread:
    OMP_NUM_THREADS=1 python tools/parity/metric/judge.py OFFICIAL ANOMALIB WORK [DATA ...]
    OFFICIAL: mvtec_ad_evaluation, as MVTec distributes it
    ANOMALIB: folder with the package anomalib 2.7, or - to leave AUPIMO out (then torch is not needed)
    WORK: an empty folder; DATA: products in the MVTec AD layout
Maps of real pictures are their smoothed local contrast, at the size of the first mask; masks are the real ones.
The official code runs as it is, its map and mask lists as float32 and uint8. Times are processor time of all
threads, the best of three: a clock would measure what else the machine does.
"""

import contextlib
import importlib
import io
import json
import logging
import pathlib
import subprocess
import sys
import time
import types

import numpy as np
import scipy.ndimage
from PIL import Image
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

logging.disable(logging.CRITICAL)
OFFICIAL, ANOMALIB, WORK = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
LIMITS = [0.05, 0.3, 1.0]

# The official code imports label from a module that newer scipy has renamed.
sys.modules["scipy.ndimage.measurements"] = scipy.ndimage
sys.path.insert(0, OFFICIAL)
with contextlib.redirect_stdout(io.StringIO()):
    compute_pro = importlib.import_module("pro_curve_util").compute_pro
    trapezoid = importlib.import_module("generic_util").trapezoid

pimo = None
if ANOMALIB != "-":
    import torch

    package = types.ModuleType("pimo")
    package.__path__ = [f"{ANOMALIB}/anomalib/metrics/pimo"]
    sys.modules["pimo"] = package
    pimo = importlib.import_module("pimo.functional")


def drawn(images, h, w, seed, levels=0):
    r = np.random.default_rng(seed)
    masks = np.zeros((images, h, w), np.uint8)
    for i in range(images // 3, images):
        for _ in range(r.integers(1, 4)):
            y, x, s = r.integers(0, h - 30), r.integers(0, w - 30), r.integers(1, 30)
            masks[i, y : y + s, x : x + s] = 1
    maps = (r.random((images, h, w)) ** 3 + 0.4 * masks).astype(np.float32)
    return (np.floor(maps * levels) / levels if levels else maps).astype(np.float32), masks


def real(folder, levels=0):
    folder = pathlib.Path(folder)
    maps, masks, size = [], [], None
    for path in sorted((folder / "test").rglob("*.*")):
        kind = path.parent.name
        truth = folder / "ground_truth" / kind / f"{path.stem}_mask.png"
        grey = Image.open(path).convert("L")
        size = size or grey.size
        grey = np.asarray(grey.resize(size), np.float32) / 255
        contrast = np.abs(grey - scipy.ndimage.gaussian_filter(grey, 8))
        maps.append(scipy.ndimage.gaussian_filter(contrast, 4))
        mask = Image.open(truth).convert("L").resize(size, Image.NEAREST) if kind != "good" else Image.new("L", size)
        masks.append((np.asarray(mask) > 0).astype(np.uint8))
    maps = np.array(maps, np.float32)
    return (np.floor(maps * levels) / levels if levels else maps).astype(np.float32), np.array(masks)


def official(maps, masks):
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
        fpr, pro = compute_pro(list(maps), list(masks))
        areas = [float(trapezoid(fpr, pro, x_max=limit) / limit) for limit in LIMITS]
    return areas, time.process_time() - started


def ours(folder):
    answer = subprocess.run(["node", "tools/parity/metric/ours.ts", folder], capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(answer.stderr)
    return json.loads(answer.stdout)


def compare_aupimo(maps, masks, own):
    started = time.process_time()
    try:
        *_, classes, scores, points = pimo.aupimo_scores(torch.tensor(maps), torch.tensor(masks).bool())
        scores = scores[classes == 1].tolist()
    except (RuntimeError, ValueError):
        scores, points = None, 0
    if (scores is None) != (own["aupimo"] is None):
        return "only one of the two"
    if scores is None:
        return "none for both"
    return {"value": own["aupimo"]["value"], "points": [points, own["aupimo"]["points"]],
            "apart": max(abs(a - b) for a, b in zip(scores, own["aupimo"]["images"])),
            "anomalib s": round(time.process_time() - started, 2), "ours s": round(own["aupimoSeconds"], 2)}


def apart(a, b):
    return None if a is None or b is None else abs(a - b)


sets = {
    "drawn, 30 of 300 x 400": drawn(30, 300, 400, 1),
    "the same at 50 levels": drawn(30, 300, 400, 1, 50),
    "constant maps": (np.full((6, 40, 50), 0.25, np.float32), drawn(6, 40, 50, 2)[1]),
    "good images alone": (drawn(6, 40, 50, 3)[0], np.zeros((6, 40, 50), np.uint8)),
}
for folder in sys.argv[4:]:
    name = pathlib.Path(folder).name
    sets[name] = real(folder)
    sets[f"{name} at 200 levels"] = real(folder, 200)

for name, (maps, masks) in sets.items():
    count, h, w = maps.shape
    folder = WORK / name.replace(" ", "-").replace(",", "")
    folder.mkdir(parents=True, exist_ok=True)
    maps.tofile(folder / "maps.bin")
    masks.tofile(folder / "masks.bin")
    (folder / "set.json").write_text(json.dumps({"images": count, "width": w, "height": h}))
    runs = 3
    theirs, mine = [], []
    for _ in range(runs):  # one after the other, so that changes of the machine reach both
        theirs.append(official(maps.copy(), masks))
        mine.append(ours(str(folder)))
    areas, seconds = theirs[0][0], min(s for _, s in theirs)
    own = mine[0]
    own_seconds = min(m["seconds"] for m in mine)
    y, s = masks.ravel() > 0, maps.ravel()
    row = {"set": name, "numpy": np.__version__, "pixels": int(s.size), "official": areas, "ours": own["aupro"],
           "aupro apart": [apart(a, b) for a, b in zip(areas, own["aupro"])],
           "official s": round(seconds, 3), "ours s": round(own_seconds, 3), "times faster": round(seconds / own_seconds, 1)}
    if y.any():
        precision, recall, _ = precision_recall_curve(y, s)
        total = precision + recall
        f1 = float(np.max(np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)))
        row["sklearn apart"] = {"auroc": apart(roc_auc_score(y, s), own["auroc"]), "ap": apart(average_precision_score(y, s), own["ap"]),
                                "f1Max": apart(f1, own["f1Max"]), "mcclish": apart(roc_auc_score(y, s, max_fpr=0.05), own["mcclish"])}
        if pimo is not None:
            row["aupimo"] = compare_aupimo(maps, masks, own)
        row["histogram apart"] = {"auroc": apart(own["auroc"], own["binned"]["auroc"]), "aupro": [apart(a, b) for a, b in zip(own["aupro"], own["binned"]["aupro"])],
                                  "bounds": own["binned"]["bounds"], "bins an image": own["bins"], "s": round(own["countSeconds"], 2)}
        row["intervals"] = {**own["intervals"], "s": round(own["intervalSeconds"], 2)}
    print(json.dumps(row, indent=1), flush=True)
