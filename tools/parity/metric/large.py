"""Exact AU-PRO of many large maps: the official code and ours by turns, on one processor core each.

Run from the root of the repository:
    OMP_NUM_THREADS=1 python tools/parity/metric/large.py OFFICIAL WORK [IMAGES [SIDE [LEVELS [ROUNDS]]]]
    OFFICIAL: mvtec_ad_evaluation, as MVTec distributes it
    WORK: an empty folder, which gets five bytes per pixel; IMAGES maps (200) of SIDE x SIDE (1024)
    LEVELS: floors scores to this many levels, 0 leaves them (0); ROUNDS of both (3)
Maps are smoothed noise, higher inside defects; two thirds of the images have one to four defects. Both are new
processes that start with the maps on disk. Times are processor seconds of all threads from maps and masks in
memory to AU-PRO; reading is not counted for either. Peak memory is that of the whole process, reading included.
"""

import contextlib
import importlib
import io
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np
import scipy.ndimage

LIMITS = [0.05, 0.3, 1.0]


def draw(work, images, side, levels):
    r = np.random.default_rng(5)
    with open(work / "maps.bin", "wb") as maps, open(work / "masks.bin", "wb") as masks:
        for i in range(images):
            mask = np.zeros((side, side), np.uint8)
            for _ in range(r.integers(1, 5) if i >= images // 3 else 0):
                s = int(r.integers(side // 64, side // 6))
                y, x = r.integers(0, side - s, 2)
                yy, xx = np.ogrid[:s, :s]
                mask[y : y + s, x : x + s] |= ((yy - s / 2) ** 2 + (xx - s / 2) ** 2 < s * s / 4).astype(np.uint8)
            noise = scipy.ndimage.gaussian_filter(r.standard_normal((side, side), np.float32), 4, mode="wrap")
            score = np.abs(noise) + 0.1 * scipy.ndimage.gaussian_filter(mask.astype(np.float32), 4)
            if levels:
                score = np.floor(score * levels) / levels
            score.astype(np.float32).tofile(maps)
            mask.tofile(masks)
    (work / "set.json").write_text(json.dumps({"images": images, "width": side, "height": side}))


def official(folder, work):
    sys.modules["scipy.ndimage.measurements"] = scipy.ndimage
    sys.path.insert(0, folder)
    with contextlib.redirect_stdout(io.StringIO()):
        compute_pro = importlib.import_module("pro_curve_util").compute_pro
        trapezoid = importlib.import_module("generic_util").trapezoid
    about = json.loads((work / "set.json").read_text())
    shape = (about["images"], about["height"], about["width"])
    maps = np.fromfile(work / "maps.bin", np.float32).reshape(shape)
    masks = np.fromfile(work / "masks.bin", np.uint8).reshape(shape)
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        fpr, pro = compute_pro(list(maps), list(masks))
        areas = [float(trapezoid(fpr, pro, x_max=limit) / limit) for limit in LIMITS]
    seconds = time.process_time() - started
    print(json.dumps({"aupro": areas, "seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def run(command):
    answer = subprocess.run(command, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(answer.stderr)
    return json.loads(answer.stdout)


def main():
    folder, work = sys.argv[1], pathlib.Path(sys.argv[2])
    images, side, levels, rounds = [int(value) for value in sys.argv[3:7]] + [200, 1024, 0, 3][len(sys.argv) - 3 :]
    # On one core a second thread has no place to run.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    work.mkdir(parents=True, exist_ok=True)
    draw(work, images, side, levels)
    theirs, mine = [], []
    for turn in range(rounds):
        theirs.append(run([sys.executable, __file__, "--official", folder, str(work)]))
        mine.append(run(["node", "tools/parity/metric/large.ts", str(work)]))
        for name, result in (("official", theirs[-1]), ("ours", mine[-1])):
            print(f"round {turn + 1} {name:8} {result['seconds']:7.2f} s  peak {result['peak'] / 1e9:5.2f} GB  {result['aupro']}", flush=True)
    apart = max(abs(a - b) for t, m in zip(theirs, mine) for a, b in zip(t["aupro"], m["aupro"]))
    times = [t["seconds"] / m["seconds"] for t, m in zip(theirs, mine)]
    print(f"numpy {np.__version__}, {images} maps of {side} x {side}, {levels or 'all'} levels")
    print(f"largest difference {apart:.1e}; times faster by round {', '.join(f'{x:.1f}' for x in times)}; "
          f"our peak {max(m['peak'] for m in mine) / 1e9:.2f} GB")


if __name__ == "__main__":
    if sys.argv[1] == "--official":
        official(sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        main()
