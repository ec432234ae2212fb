"""One model for several products, one seed, both sides: AUROC per product and how often the product is found.

    python tools/parity/cras/products.py <ours|reference> <path of the reference> <work folder> <csv> <sets>

Every image is routed on its own; the reference, which votes over a batch, gets batches of one.
"""
import csv
import json
import pathlib
import sys

import numpy as np
import onnxruntime as ort
import torch
from exchange import SETTINGS, Set, node
from sklearn.metrics import roc_auc_score

import reference

SEED = 0


def ours(work, sets):
    root = pathlib.Path(work) / "products"
    root.mkdir(exist_ok=True)
    for data in sets:
        link = root / data.name
        if not link.exists():
            link.symlink_to(data.folder.resolve() / "data" / data.name)
    model = pathlib.Path(work) / "products.onnx"
    shared = SETTINGS["products"]
    result = json.loads(node("train.ts", root, model, SEED, SETTINGS["dimension"], shared["noise"],
                             shared["epochs"], SETTINGS["batch"]))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    for data in sets:
        found = [session.run(["score", "map", "product"], {"image": data.pixels[i][None]}) for i in data.test]
        yield data, *(np.concatenate(column) for column in zip(*found)), result["losses"]


def theirs(module, sets):
    shared = SETTINGS["products"]
    model = reference.create(
        module, dimension=SETTINGS["dimension"], noise=shared["noise"], epochs=shared["epochs"],
        products=[data.name for data in sets], seed=SEED)
    features, starts = [], {}
    for data in sets:
        cache = data.folder / "reference-features.npy"
        if not cache.exists():
            np.save(cache, reference.embed(model, data.pixels))
        starts[data.name] = sum(map(len, features))
        features.append(np.load(cache))
    reference.look_up(model, np.concatenate(features))
    items = [[reference.item(starts[data.name] + i, data.name) for i in data.train] for data in sets]
    losses = reference.train(model, items, SETTINGS["batch"])
    banks = torch.nn.functional.normalize(model.c2.flatten(1), dim=1)
    for data in sets:
        numbers = starts[data.name] + data.test
        scores, maps = reference.predict(model, numbers, 1)
        with torch.no_grad():
            adapted = model.pre_projection(model._embed(torch.tensor(numbers))[0]).reshape(len(numbers), -1)
        yield data, scores, maps, (adapted @ banks.T).argmax(1).numpy(), losses


def main(side, path, work, table, names):
    torch.set_num_threads(1)
    sets = [Set(work, name) for name in sorted(names.split(","))]
    results = ours(work, sets) if side == "ours" else theirs(reference.import_reference(path), sets)
    with open(table, "a", newline="") as file:
        for number, (data, scores, maps, product, losses) in enumerate(results):
            image = roc_auc_score(data.labels, scores)
            pixel = roc_auc_score(data.truth.ravel(), maps.ravel())
            csv.writer(file, lineterminator="\n").writerow(
                [f"{data.name} of {'+'.join(d.name for d in sets)}", SEED, side, f"{image:.4f}", f"{pixel:.4f}",
                 len(losses), SETTINGS["dimension"], SETTINGS["products"]["noise"]])
            print(f"{data.name} {side}: image {image:.4f}, pixel {pixel:.4f}, product found "
                  f"{(product == number).sum()}/{len(product)}, {len(losses)} steps, last losses {np.mean(losses[-10:]):.3f}",
                  flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
