"""Compares what reference.py, masks.py, refine.py and ours.ts left behind; prints one line per step.

    python tools/parity/robis/compare.py <checkout of HUST-SLOW/RoBiS> $WORK

Maps are read by tifffile, tiles and masks by PIL, ours as theirs.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import sys

os.environ["TQDM_DISABLE"] = "1"
import numpy as np  # noqa: E402
import tifffile  # noqa: E402
from PIL import Image  # noqa: E402

checkout, work = sys.argv[1], pathlib.Path(sys.argv[2])
theirs, ours = work / "theirs", work / "ours"


def pairs(name, suffix, own=None):
    found = sorted(p.relative_to(theirs / name) for p in (theirs / name).rglob(f"*{suffix}"))
    other = sorted(
        p.relative_to(ours / name)
        for p in (ours / name).rglob(f"*{own or suffix}")
        if ".assay" not in p.parts
    )
    assert [str(p.with_suffix("")) for p in found] == [str(p.with_suffix("")) for p in other], name
    for a, b in zip(found, other, strict=True):
        yield theirs / name / a, ours / name / b


def picture(path):
    return np.array(Image.open(path))


tiles = [(picture(a), picture(b)) for a, b in pairs("tiles", ".png")]
print(f"crop: {sum(np.array_equal(a, b) for a, b in tiles)} of {len(tiles)} tiles have equal pixels")

raw = [
    (np.fromfile(a, np.float32).reshape(256, 256), tifffile.imread(b)) for a, b in pairs("raw", ".f32", ".tiff")
]
worst = max(float(np.abs(a - b).max()) for a, b in raw)
span = max(float(a.max()) for a, _ in raw) - min(float(a.min()) for a, _ in raw)
print(f"maps, raw: {len(raw)}, largest difference {worst:.1e} of a range of {span:.3f}")

scaled = [(tifffile.imread(a), tifffile.imread(b)) for a, b in pairs("tile-maps", ".tiff")]
assert all(b.dtype == np.float16 and b.ndim == 2 for _, b in scaled)
bits = [np.abs(a.view(np.int16).astype(int) - b.view(np.int16).astype(int)) for a, b in scaled]
differ = np.mean([(d > 0).mean() for d in bits])
# Small values are the difference of large ones, so their last digits are noise.
large = max(int(d[a >= 1].max(initial=0)) for d, (a, _) in zip(bits, scaled, strict=True))
print(f"maps, 0 to 255 in float16: {100 * differ:.2f} % of the values differ, from 1 on by at most {large} ulp")

merged = [(tifffile.imread(a), tifffile.imread(b)) for a, b in pairs("maps", ".tiff")]
equal = sum(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in merged)
print(f"merge: {equal} of {len(merged)} maps are equal to the bit, sizes {sorted({a.shape for a, _ in merged})}")

masks = [(picture(a), picture(b)) for a, b in pairs("masks", ".png")]
assert all(b.ndim == 2 and set(np.unique(b)) <= {0, 255} for _, b in masks)
equal = sum(np.array_equal(a, b) for a, b in masks)
filled = sum(bool(a.any()) for a, _ in masks)
print(f"binarise: {equal} of {len(masks)} masks are equal, {filled} of them not empty")

refined = [(picture(a), picture(b)) for a, b in pairs("refined", ".png")]
equal = sum(np.array_equal(a, b) for a, b in refined)
differ = max(int((a != b).sum()) for a, b in refined)
filled = [round(float((a > 0).mean()), 3) for a, _ in refined if a.any()]
print(f"refine: {equal} of {len(refined)} masks are equal, at most {differ} pixels differ; filled {filled}")

sys.path.insert(0, checkout)
from utils import eval as reference  # noqa: E402

pro = reference.compute_pro
order = []


def keep(masks, maps, num_th):
    """For aupro.py: under numpy 2 thresholds are compared with scores in another precision."""
    np.savez_compressed(work / "theirs" / f"evaluation-{len(order)}.npz", masks=masks, maps=maps)
    order.append(None)
    return pro(masks, maps, num_th)


reference.compute_pro = keep
text = io.StringIO()
names = sorted(p.name for p in (theirs / "masks").iterdir())
with contextlib.redirect_stdout(text):
    reference._metrics(str(theirs / "masks"), str(work / "data"), "0", "test_public", names, 518)
evaluation = json.loads((ours / "evaluation.json").read_text())
keys = ["imageAuroc", "imageAp", "imageF1Max", "pixelAuroc", "pixelAp", "pixelF1Max"]
worst = 0.0
for name, numbers in re.findall(r"^(\w+): (I-Auroc.*)$", text.getvalue(), re.M):
    printed = [float(v) for v in re.findall(r":(\d\.\d{4})", numbers)][:6]
    own = [evaluation[name]["robis"][key] for key in keys]
    worst = max(worst, max(abs(a - b) for a, b in zip(printed, own, strict=True)))
    print(f"evaluate {name}: {numbers}")
print(f"evaluate: but for AU-PRO, ours differ by at most {worst:.1e} from what is printed with four digits")
