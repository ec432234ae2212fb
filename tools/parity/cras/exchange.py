"""What Python and TypeScript hand each other: named float32 tensors in two files, and the images of a set.

<name>.json gives the shapes in order, <name>.bin the values one after the other.
"""
import json
import pathlib
import subprocess

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SETTINGS = json.loads((HERE / "settings.json").read_text())


def write_tensors(folder, name, tensors):
    (folder / f"{name}.json").write_text(json.dumps({k: list(v.shape) for k, v in tensors.items()}))
    with open(folder / f"{name}.bin", "wb") as file:
        for value in tensors.values():
            file.write(np.ascontiguousarray(value, "<f4").tobytes())


def read_tensors(folder, name):
    shapes = json.loads((folder / f"{name}.json").read_text())
    values = np.fromfile(folder / f"{name}.bin", "<f4")
    out, at = {}, 0
    for key, shape in shapes.items():
        length = int(np.prod(shape))
        out[key] = values[at : at + length].reshape(shape).copy()
        at += length
    return out


def node(script, *arguments):
    """Runs a script of this folder with the repository's own Node; returns its standard output."""
    command = [ROOT / "node_modules/.bin/node", HERE / script, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


class Set:
    """Pixels [n, 288, 288, 3], masks of the test images and where each image belongs."""

    def __init__(self, work, name):
        folder = pathlib.Path(work) / name
        self.name, self.folder = name, folder
        self.files = json.loads((folder / "files.json").read_text())
        self.pixels = np.fromfile(folder / "pixels.bin", np.uint8).reshape(len(self.files), 288, 288, 3)
        self.train = np.array([i for i, f in enumerate(self.files) if f["split"] == "train"])
        self.test = np.array([i for i, f in enumerate(self.files) if f["split"] == "test"])
        self.labels = np.array([self.files[i]["defect"] != "good" for i in self.test])
        # As in the reference: only pixels that stay fully marked after the resizing are defect.
        self.truth = np.fromfile(folder / "masks.bin", np.uint8).reshape(len(self.test), 288, 288) == 255
