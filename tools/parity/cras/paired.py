"""Lets the reference draw what our training draws: starting weights, order of the images, noise.

A seed then means the same on both sides, and the spread between seeds cancels in the difference.
"""
import contextlib
import json
import subprocess

import numpy as np
import torch
from exchange import HERE, ROOT, SETTINGS, node, read_tensors, write_tensors

import reference

PATCHES = 36 * 36


def start(model, folder, seed):
    """Our starting weights of the seed, put into the reference."""
    folder.mkdir(exist_ok=True)
    request = {"dimension": SETTINGS["dimension"], "noise": 1, "batch": SETTINGS["batch"], "products": 1, "seed": seed}
    (folder / "request.json").write_text(json.dumps(request))
    write_tensors(folder, "bank", {"entries": np.zeros((1, PATCHES, SETTINGS["dimension"]), np.float32)})
    node("models.ts", "step", folder)
    reference.set_parameters(model, read_tensors(folder, "initial"))


class Order(torch.utils.data.Sampler):
    """The images of each epoch in our order."""

    def __init__(self, epochs):
        self.epochs = iter(epochs)

    def __iter__(self):
        return iter(next(self.epochs).tolist())


@contextlib.contextmanager
def draws(seed, images, epochs):
    """Gives the sampler of the epochs; inside, torch.normal gives our noise, step after step."""
    rows, dimension = SETTINGS["batch"] * PATCHES, SETTINGS["dimension"]
    assert images % SETTINGS["batch"] == 0, "our batches run on over the end of an epoch, those of the reference do not"
    arguments = [seed, images, rows, dimension, epochs, epochs * images // SETTINGS["batch"]]
    process = subprocess.Popen([ROOT / "node_modules/.bin/node", HERE / "draws.ts", *map(str, arguments)],
                               stdout=subprocess.PIPE)
    order = np.frombuffer(process.stdout.read(4 * epochs * images), np.int32).reshape(epochs, images)
    normal = torch.normal

    def given(mean, deviation, shape):
        assert mean == 0 and tuple(shape) == (rows, dimension)
        unit = np.frombuffer(process.stdout.read(4 * rows * dimension), np.float32).reshape(rows, dimension)
        return torch.from_numpy(unit * np.float32(deviation))

    torch.normal = given
    try:
        yield Order(order)
    finally:
        torch.normal = normal
        process.stdout.close()
        process.wait()
