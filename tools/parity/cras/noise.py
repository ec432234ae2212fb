"""The absolute noise of each set: half the mean standard deviation of a pooled feature value over training patches.

    python tools/parity/cras/noise.py <path of the reference> <work folder> <set> ...

Computed once; the rounded figures stand in settings.json and are given to both sides.
"""
import sys

import torch
from exchange import SETTINGS, Set

import reference


def main(path, work, *names):
    torch.set_num_threads(1)
    module = reference.import_reference(path)
    model = reference.create(module, dimension=SETTINGS["dimension"], noise=1, epochs=0, products=names, seed=0)
    for name in names:
        data = Set(work, name)
        rows = reference.embed(model, data.pixels[data.train[:24]]).reshape(-1, SETTINGS["dimension"])
        print(name, rows.std(0).mean() / 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
