"""Golden values for core/binarise and core/refine/mask: the binarisation of RoBiS and the steps around SAM.

Run: python tools/golden/binarise.py <RoBiS checkout>
The reference was written for numpy 1, whose arithmetic with scalars differs: numpy < 2 is required. It asks for
1.23.2; with it opencv-python-headless==4.10.0.84 tifffile==2023.7.10 tqdm, Python 3.11. Its class MEBin runs as it
is, on maps written as float16 TIFF; its functions around SAM are cut out of the module, whose imports want torch.

Maps are drawn by a formula that the test repeats, in double with + - * / only, then rounded to float16:
noise * u + sum of strength / (1 + ((x - cx)^2 + (y - cy)^2) / size), at most 255; u are the values
state / 2^32 of state = (1664525 * state + 1013904223) mod 2^32, one per pixel in raster order; the sum is
added bump by bump to the noise. Noise is multiplied by u first.
"""

import ast
import datetime
import hashlib
import json
import pathlib
import sys
import tempfile

import cv2
import numpy as np
import tifffile

assert np.__version__.startswith("1."), "numpy 2 computes other thresholds"
robis = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(robis))
from models.modules._MEBin import MEBin  # noqa: E402


def uniform(seed, n):
    state, out = seed, np.empty(n)
    for i in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out[i] = state / 2**32
    return out


def draw_map(width, height, seed, noise, bumps):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    plane = noise * uniform(seed, width * height).reshape(height, width)
    for cx, cy, size, strength in bumps:
        plane = plane + strength / (1 + ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / size)
    return np.minimum(plane, 255).astype(np.float16)


def digest(mask):
    return hashlib.sha256(np.ascontiguousarray(mask).tobytes()).hexdigest()[:16]


SPLITS = {
    # name: width, height, [(seed, noise, [(cx, cy, size, strength), ...]), ...]
    "one and several defects": (97, 64, [
        (1, 12, [(30, 20, 40, 220)]),
        (2, 12, [(20, 20, 30, 90), (70, 40, 60, 140)]),
        (3, 12, [(20, 20, 30, 90), (34, 22, 30, 110), (70, 40, 60, 140), (50, 60, 20, 60)]),
        (4, 12, []),
        (5, 40, [(48, 32, 900, 60)]),
    ]),
    "noise alone": (64, 48, [(6, 255, []), (7, 200, []), (8, 90, [])]),
    "noisy defects": (128, 100, [(21, 60, [(40, 40, 400, 150)]), (22, 90, [(90, 60, 900, 120)]), (23, 30, [(64, 50, 4000, 140)]), (24, 90, [])]),
    "many regions": (160, 90, [(31 + k, 20 + 15 * k, [(20 + 30 * (b % 5), 18 + 27 * (b // 5), 15 + 12 * ((b * 7 + k) % 5), 40 + 11 * ((b * 5 + k) % 13)) for b in range(15)]) for k in range(4)] + [(35, 8, [])]),
    "one map alone": (40, 30, [(9, 5, [(20, 15, 30, 100)])]),
    "all maps with the same peak": (40, 30, [(10, 0, [(20, 15, 30, 100)]), (11, 0, [(10, 9, 50, 100)])]),
    "flat maps at the top and at zero": (30, 30, [(12, 0, [(0, 0, 1e30, 255)]), (13, 0, []), (14, 0, [(15, 15, 30, 255)])]),
    "tiny maps": (5, 4, [(15, 10, [(2, 2, 4, 200)]), (16, 10, [(0, 0, 2, 150)]), (17, 250, [])]),
    "ties of equally long runs": (120, 60, [
        (18, 0, [(20, 30, 20, 240), (60, 30, 20, 180), (100, 30, 20, 120)]),
        (19, 0, [(20, 30, 20, 250), (60, 30, 20, 250), (100, 30, 20, 250)]),
        (20, 0, [(60, 30, 10, 30)]),
    ]),
    "low maps of a split with one strong defect": (150, 120, [(25, 3, [(75, 60, 300, 251)]), (26, 3, [(30, 30, 30, 12)]), (27, 4, [(100, 90, 100, 40), (20, 100, 60, 25)])]),
}


class Watched(MEBin):
    """Keeps the counts of each sweep."""

    def get_threshold(self, anomaly_num_sequence, min_interval_len):
        self.sweeps.append(list(anomaly_num_sequence))
        return super().get_threshold(anomaly_num_sequence, min_interval_len)


def run(width, height, maps):
    drawn = [draw_map(width, height, *m) for m in maps]
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{i}.tiff" for i in range(len(drawn))]
        for path, plane in zip(paths, drawn):
            tifffile.imwrite(path, plane)
        mebin = Watched(paths)
        mebin.sweeps = []
        united, thresholds = mebin.binarize_anomaly_maps()
    planes = np.array(mebin.anomaly_map_list).astype(np.float32) / 255.0
    sigma = (planes.mean() + 3 * planes.std()) * 255
    return {
        "width": width,
        "height": height,
        "sigma": float(np.float16(sigma)),
        "maps": [
            {
                "seed": seed,
                "noise": noise,
                "bumps": bumps,
                "values": digest(plane.astype(np.float32)),
                "counts": ",".join(map(str, sweep)),
                "threshold": int(threshold),
                "mebin": digest(mebin.bin_and_erode(plane, threshold)),
                "bySigma": digest(mebin.bin_and_erode(plane, sigma)),
                "united": digest(mask),
                "unitedPx": int((mask > 0).sum()),
            }
            for (seed, noise, bumps), plane, sweep, threshold, mask in zip(maps, drawn, mebin.sweeps, thresholds, united)
        ],
    }


def intervals():
    """The choice among intervals by itself: short sweeps with many ties."""
    chooser = object.__new__(MEBin)
    chooser.sample_rate, chooser.max_th, chooser.min_th = 4, 255, 0
    cases = []
    for seed in range(60):
        lengths = (uniform(seed, 24) * 7).astype(int) + 1
        values = (uniform(seed + 1000, 24) * 4).astype(int)
        counts = np.repeat(values, lengths)[:64].tolist()
        threshold, number = chooser.get_threshold(counts, 4)
        cases.append({"counts": "".join(map(str, counts)), "end": (255 - threshold) // 4 if number else None})
    return cases


def reference_functions():
    source = (robis / "models/modules/_SAM_Finer.py").read_text()
    wanted = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name in ("get_topn_bounding_boxes", "fill_holes")]
    names = {"cv2": cv2, "np": np}
    exec(compile(ast.Module(wanted, []), "_SAM_Finer.py", "exec"), names)
    return names["get_topn_bounding_boxes"], names["fill_holes"]


def segments():
    """Boxes of random masks, and the union of random segments with holes filled.

    Beyond 16 regions the order in which numpy's argsort leaves equal areas depends on its version and on the
    processor, so such masks must have no tie among the largest.
    """
    boxes_of, fill = reference_functions()
    cases = []
    for width, height, seed, share in [(31, 17, 1, 0.03), (64, 48, 13, 0.25), (64, 48, 3, 0.35), (48, 64, 4, 0.6), (23, 29, 5, 0.9), (1, 40, 6, 0.3), (40, 1, 7, 0.3), (33, 33, 8, 0.01), (12, 12, 9, 0)]:
        coarse = (uniform(seed, width * height) < share).reshape(height, width).astype(np.uint8) * 255
        components = cv2.connectedComponents(coarse)[0] - 1
        areas = np.sort(cv2.connectedComponentsWithStats(coarse)[2][1:, cv2.CC_STAT_AREA])[-4:]
        assert components <= 16 or len(set(areas)) == len(areas), (seed, areas)
        boxes = [[int(v) for v in box] for box in boxes_of(coarse, top_n=3)]
        # Each box is answered with three seeded masks, as SAM's multimask output would be.
        answers = [[(uniform(seed * 100 + 10 * b + m, width * height) < 0.3).reshape(height, width) for m in range(3)] for b in range(len(boxes))]
        results = {}
        for name, chosen in (("single", 1), ("three", 3)):
            mask_list = []
            for answer in answers:
                masks = np.array(answer[:chosen]).sum(0)
                masks[masks > 0] = 255
                mask_list.append(masks.astype(np.uint8))
            results[name] = digest(fill(np.array(mask_list).max(0)) if mask_list else np.zeros_like(coarse))
        cases.append({"width": width, "height": height, "seed": seed, "share": share, "components": components, "boxes": boxes, "filled": digest(fill(coarse)), **results})
    return cases


out = {
    "made": {
        "by": "tools/golden/binarise.py",
        "day": datetime.date.today().isoformat(),
        "reference": "HUST-SLOW/RoBiS",
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    },
    "splits": [{"name": name, **run(*split)} for name, split in SPLITS.items()],
    "intervals": intervals(),
    "segments": segments(),
}


def line(value):
    return json.dumps(value, separators=(",", ":"))


def split_text(split):
    head = line({k: v for k, v in split.items() if k != "maps"})[:-1]
    return head + ',"maps":[\n   ' + ",\n   ".join(line(m) for m in split["maps"]) + "\n  ]}"


parts = [f' "made": {line(out["made"])}', ' "splits": [\n  ' + ",\n  ".join(split_text(s) for s in out["splits"]) + "\n ]"]
for name in ("intervals", "segments"):
    parts.append(f' "{name}": [\n  ' + ",\n  ".join(line(c) for c in out[name]) + "\n ]")
path = pathlib.Path(__file__).parents[2] / "fixtures/golden/binarise.json"
path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
