"""Runs the binarisation of RoBiS beside ours on the same maps: same thresholds, same masks, and the time of each.

Usage: python tools/parity/mebin/compare.py <RoBiS checkout> <empty work folder>
numpy < 2 (see tools/golden/binarise.py), OpenCV, tifffile, tqdm; run from the root of the repository, where
node_modules is. One thread on both sides. Times are processor time, so that other work on the machine counts
little; the two sides take turns, and each keeps the median of its rounds. Reading the maps is in none of them.
"""

import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ["TQDM_DISABLE"] = "1"
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import tifffile  # noqa: E402

assert np.__version__.startswith("1."), "numpy 2 computes other thresholds"
robis, work = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, robis)
from models.modules._MEBin import MEBin  # noqa: E402

cv2.setNumThreads(1)
ROUNDS = 3
MAPS = 8


def draw(width, height, rng, defects, grain):
    """A smoothed surface with `defects` spots of different size and strength."""
    plane = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), grain)
    plane = 40 + 12 * plane / plane.std()
    y, x = np.mgrid[0:height, 0:width]
    for _ in range(defects):
        cx, cy, reach, strength = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, 25), rng.uniform(60, 200)
        plane += strength * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * reach * reach))
    return np.clip(plane, 0, 255).astype(np.float16)


def processor_time(task):
    start = time.process_time()
    result = task()
    return (time.process_time() - start) * 1000, result


def reference(paths):
    mebin = MEBin(paths)
    whole, (masks, thresholds) = processor_time(mebin.binarize_anomaly_maps)

    def beside():
        planes = np.array(mebin.anomaly_map_list).astype(np.float32) / 255.0
        threshold = (planes.mean() + 3 * planes.std()) * 255
        return [mebin.bin_and_erode(plane, threshold) for plane in mebin.anomaly_map_list]

    sigma, _ = processor_time(beside)
    digests = [hashlib.sha256(np.ascontiguousarray(mask).tobytes()).hexdigest() for mask in masks]
    return {"whole": whole, "mebin": whole - sigma}, [int(t) for t in thresholds], digests


def ours(folder, width, height):
    command = ["node_modules/.bin/node", "tools/parity/mebin/ours.ts", str(folder), str(width), str(height)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {"whole": answer["whole"], "mebin": answer["mebin"]}, answer["thresholds"], answer["masks"]


print("| map | maps | what | reference, ms a map | ours, ms a map | times faster |\n|---|---|---|---|---|---|")
for width, height, grain in ((612, 512, 3), (612, 512, 1.5), (1056, 1024, 3), (1056, 1024, 1.5)):
    folder = work / f"{width}x{height}-{grain}"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(width + int(10 * grain))
    paths = []
    for i in range(MAPS):
        plane = draw(width, height, rng, i, grain)
        plane.astype("<f4").tofile(folder / f"{i}.f32")
        paths.append(str(folder / f"{i}.tiff"))
        tifffile.imwrite(paths[-1], plane)
    times = {"reference": [], "ours": []}
    for _ in range(ROUNDS):
        spent, thresholds, masks = reference(paths)
        times["reference"].append(spent)
        spent, our_thresholds, our_masks = ours(folder, width, height)
        times["ours"].append(spent)
        assert our_thresholds == thresholds, (our_thresholds, thresholds)
        assert our_masks == masks
    for what, name in (("mebin", "MEBin"), ("whole", "MEBin and sigma, split included")):
        theirs, our = (statistics.median(t[what] for t in times[side]) / MAPS for side in ("reference", "ours"))
        print(f"| {width} x {height}, grain {grain} | {MAPS} | {name} | {theirs:.1f} | {our:.1f} | {theirs / our:.0f} |", flush=True)
print("\nThresholds and masks were equal in every round.")
