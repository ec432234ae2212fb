"""Runs the binarisation of RoBiS beside ours on the same maps: same thresholds, same masks, and the time of each.

Usage: python tools/parity/mebin/compare.py <RoBiS checkout> <empty work folder> [rounds, default 3]
numpy < 2 (see tools/golden/binarise.py), OpenCV, tifffile, tqdm; run from the root of the repository, where
node_modules is. Splits of five kinds of maps and of all kinds together, in several sizes (draw.py); after them assay
mode against its rule written plainly (plain.py). One thread on both sides. Times are processor time, so that other
work on the machine counts little; the two sides take turns, and each keeps the median of its rounds. Reading the
maps is in none of them. Each side is one process for all splits; the first split is done once before, untimed.
"""

import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import warnings

os.environ["TQDM_DISABLE"] = "1"
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import tifffile  # noqa: E402

import plain  # noqa: E402
from draw import KINDS, draw  # noqa: E402

assert np.__version__.startswith("1."), "numpy 2 computes other thresholds"
robis, work = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, robis)
from models.modules._MEBin import MEBin  # noqa: E402

cv2.setNumThreads(1)
node = subprocess.Popen(["node_modules/.bin/node", "tools/parity/mebin/ours.ts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
warnings.filterwarnings("ignore", category=RuntimeWarning)  # a range of zero divides by it
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 3
MAPS = 8
SIZES = [(64, 48), (160, 120), (256, 256), (325, 276), (612, 512)]
SPLITS = [(kind, *size) for size in SIZES for kind in (*KINDS, "mixed")] + [("smooth", 1056, 1024)]


def processor_time(task):
    start = time.process_time()
    result = task()
    return (time.process_time() - start) * 1000, result


def digest(mask):
    return hashlib.sha256(np.ascontiguousarray(mask).tobytes()).hexdigest()


def reference(paths):
    mebin = MEBin(paths)
    whole, (masks, thresholds) = processor_time(mebin.binarize_anomaly_maps)

    def beside():
        planes = np.array(mebin.anomaly_map_list).astype(np.float32) / 255.0
        threshold = (planes.mean() + 3 * planes.std()) * 255
        return [mebin.bin_and_erode(plane, threshold) for plane in mebin.anomaly_map_list]

    sigma, _ = processor_time(beside)
    # The masks are the union of both rules; by itself, MEBin's follow from its thresholds.
    alone = [mebin.bin_and_erode(plane, threshold) for plane, threshold in zip(mebin.anomaly_map_list, thresholds)]
    return {
        "whole": whole,
        "mebin": whole - sigma,
        "thresholds": [int(t) for t in thresholds],
        "masks": [digest(mask) for mask in masks],
        "mebinMasks": [digest(mask) for mask in alone],
        "found": sum(bool(mask.any()) for mask in alone),
    }


def ours(folder, width, height):
    print(folder, width, height, file=node.stdin, flush=True)
    return json.loads(node.stdout.readline())


def write(kind, width, height, name):
    """The maps of a split, for both sides."""
    folder = work / f"{kind}-{width}x{height}{name}"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(width + 1000 * len(kind))
    paths = []
    for i in range(MAPS):
        plane = draw(kind, width, height, rng, i)
        plane.astype("<f4").tofile(folder / f"{i}.f32")
        paths.append(str(folder / f"{i}.tiff"))
        tifffile.imwrite(paths[-1], plane)
    return folder, paths


def compare(kind, width, height, name=""):
    """What one split took on both sides, ms in all, after both gave the same in every round."""
    folder, paths = write(kind, width, height, name)
    rounds = []
    for _ in range(ROUNDS):
        theirs, our = reference(paths), ours(folder, width, height)
        for what in ("thresholds", "masks", "mebinMasks"):
            assert theirs[what] == our[what], (kind, width, height, what, theirs[what], our[what])
        rounds.append((theirs, our))
    compare_assay(folder, width, height, our["assay"])
    times = {what: [statistics.median(side[what] for side in sides) for sides in zip(*rounds)] for what in ("mebin", "whole")}
    return {"kind": kind, "size": f"{width} x {height}", "found": theirs["found"], **times}


def compare_assay(folder, width, height, found):
    """The maps of the split stand for good ones: only so many of them get a mask."""
    planes = [np.fromfile(folder / f"{i}.f32", "<f4").reshape(height, width) for i in range(MAPS)]
    lower, upper = plain.fit(planes)
    assert [lower, upper] == [found["lower"], found["upper"]]
    for plane, threshold, mask in zip(planes, found["thresholds"], found["masks"]):
        expected, wanted = plain.binarise(plane, lower, upper)
        assert threshold == expected and mask == digest(wanted), (folder, threshold, expected)


def table(title, rows):
    print(f"| {title} | maps | of them with a mask | reference, ms a map | ours, ms a map | times faster | with sigma |")
    print("|---|---|---|---|---|---|---|")
    for name, own in rows:
        maps = MAPS * len(own)
        (theirs, our), (theirs_whole, our_whole) = ([sum(column) for column in zip(*(one[what] for one in own))]
                                                    for what in ("mebin", "whole"))
        print(f"| {name} | {maps} | {sum(one['found'] for one in own)} | {theirs / maps:.2f} | {our / maps:.3f} | "
              f"{theirs / our:.0f} | {theirs_whole / our_whole:.0f} |")
    print(flush=True)


compare(*SPLITS[0], "before")
done = []
for split in SPLITS:
    done.append(compare(*split))
    print(done[-1], file=sys.stderr, flush=True)
for key in ("kind", "size"):
    names = dict.fromkeys(one[key] for one in done)
    table(key, [(name, [one for one in done if one[key] == name]) for name in names] + ([("all", done)] if key == "size" else []))
print(f"{MAPS * len(done)} maps, {ROUNDS} rounds: all thresholds and masks equal, MEBin's, the union's and assay mode's.")
