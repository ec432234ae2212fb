"""Trains and tests one side end to end, seeds 0, 1, 2, and appends a row for each to a CSV.

    python tools/parity/cras/three_seeds.py <side> <path of the reference> <work folder> <csv> <sets> [seeds]

Side: ours; reference, which draws with PyTorch's generator; or paired, the reference again, but with the
starting weights, the order of the images and the noise that ours draws from the same seed. Sets and seeds
joined by commas. Both sides see the same training images, pixels, masks and metric code:
image AUROC of the largest patch score, pixel AUROC over all pixels of the test images at 288 x 288.
"""
import csv
import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime as ort
import torch
from exchange import SETTINGS, Set, node
from sklearn.metrics import roc_auc_score

import paired
import reference

COLUMNS = ["set", "seed", "side", "image_auroc", "pixel_auroc", "steps", "dimension", "noise"]


def run_ours(data, seed):
    model = data.folder / f"ours-{seed}.onnx"
    result = json.loads(node("train.ts", data.folder / "data", model, seed, SETTINGS["dimension"],
                             SETTINGS["noise"][data.name], SETTINGS["epochs"][data.name], SETTINGS["batch"]))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    scores, maps = [], []
    for i in data.test:
        score, found = session.run(["score", "map"], {"image": data.pixels[i][None]})
        scores.append(score[0])
        maps.append(found[0])
    return np.array(scores), np.stack(maps), result["losses"]


def run_reference(module, data, seed, is_paired):
    model = reference.create(
        module, dimension=SETTINGS["dimension"], noise=SETTINGS["noise"][data.name],
        epochs=SETTINGS["epochs"][data.name], products=[data.name], seed=seed)
    cache = data.folder / "reference-features.npy"
    if not cache.exists():
        np.save(cache, reference.embed(model, data.pixels))
    reference.look_up(model, np.load(cache))
    items = [[reference.item(i, data.name) for i in data.train]]
    if is_paired:
        paired.start(model, data.folder / "start", seed)
        with paired.draws(seed, len(data.train), SETTINGS["epochs"][data.name]) as sampler:
            losses = reference.train(model, items, SETTINGS["batch"], sampler)
    else:
        losses = reference.train(model, items, SETTINGS["batch"])
    return *reference.predict(model, data.test, SETTINGS["batch"]), losses


def main(side, path, work, table, names, seeds="0,1,2"):
    torch.set_num_threads(1)
    module = reference.import_reference(path) if side != "ours" else None
    table = pathlib.Path(table)
    if not table.exists():
        table.write_text(",".join(COLUMNS) + "\n")
    for name in names.split(","):
        data = Set(work, name)
        for seed in map(int, seeds.split(",")):
            started = time.perf_counter()
            scores, maps, losses = (
                run_ours(data, seed) if side == "ours" else run_reference(module, data, seed, side == "paired"))
            image = roc_auc_score(data.labels, scores)
            pixel = roc_auc_score(data.truth.ravel(), maps.ravel())
            with open(table, "a", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(
                    [name, seed, side, f"{image:.4f}", f"{pixel:.4f}", len(losses),
                     SETTINGS["dimension"], SETTINGS["noise"][name]])
            (data.folder / f"{side}-{seed}.json").write_text(json.dumps({"losses": losses, "scores": scores.tolist()}))
            print(f"{name} seed {seed} {side}: image {image:.4f}, pixel {pixel:.4f}, {len(losses)} steps, loss "
                  f"{losses[0]:.3f} to {np.mean(losses[-10:]):.3f}, {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
