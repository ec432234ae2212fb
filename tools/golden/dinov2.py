"""Writes fixtures/golden/dinov2.json and fixtures/weights/published/dinov2*.json from the DINOv2 reference.

    python tools/golden/dinov2.py <checkout of facebookresearch/dinov2>

The first: what PyTorch gives at each tap of small networks of either kind, at sizes below, at, above and beside the
trained one, and some of the ViT-S of either kind. Weights and pictures are made by a formula. The second: names,
shapes and numbers of parameters of the published checkpoints.
"""
import datetime
import json
import re
import sys

import numpy as np
import torch

import dinov2_judge as judge

# images, height, width
SIZES = [(1, 14, 14), (2, 56, 84), (1, 224, 224), (1, 392, 392), (1, 448, 322), (1, 518, 518), (1, 518, 392), (1, 560, 560)]
PLACES = 12  # values kept per tap
SMALL = {"width": 24, "depth": 2, "heads": 2}
SMALL_NETWORKS = {
    "without registers": judge.plan(**SMALL, registers=0, positions=judge.OFFSET),
    "with registers": judge.plan(**SMALL, registers=4, positions=judge.ANTIALIASED),
    "with registers, positions as in RoBiS": judge.plan(**SMALL, registers=4, positions=judge.OFFSET),
}
FULL = {"dinov2-vit-s14": ["block0"], "dinov2reg-vit-s14": [*(f"block{i}" for i in range(12)), "norm"]}
FULL_SIZES = [(1, 98, 126)]
PUBLISHED = [f"{family}-vit-{size}14" for family in ("dinov2", "dinov2reg") for size in "sbl"]


def sample(array):
    flat = array.reshape(-1)
    places = [i * (flat.size - 1) // (PLACES - 1) for i in range(PLACES)]
    return {
        "meanAbs": float(np.abs(flat.astype(np.float64)).mean()),
        "maxAbs": float(np.abs(flat).max()),
        "values": [float(v) for v in flat[places]],
    }


def judged(net, names, sizes):
    judge.fill(net)
    runs = []
    for images, height, width in sizes:
        found = judge.taps(net, judge.normalise(judge.formula_image(images, height, width)), names)
        taps = {name: sample(found[name]) for name in names}
        runs.append({"images": images, "height": height, "width": width, "taps": taps})
    return runs


def main(reference):
    torch.set_num_threads(1)
    made = {
        "by": "tools/golden/dinov2.py",
        "day": datetime.date.today().isoformat(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "reference": "facebookresearch/dinov2, Apache-2.0",
    }
    small = {
        name: {"plan": plan, "runs": judged(judge.create(reference, plan), ["block0", "block1", "norm"], SIZES)}
        for name, plan in SMALL_NETWORKS.items()
    }
    full = {name: judged(judge.create_published(reference, name), taps, FULL_SIZES) for name, taps in FULL.items()}
    write("golden/dinov2.json", {"made": made, "small": small, "full": full})
    for name in PUBLISHED:
        with torch.device("meta"):
            state = judge.create_published(reference, name).state_dict()
        parameters = sum(tensor.numel() for tensor in state.values())
        tensors = {key: list(tensor.shape) for key, tensor in state.items()}
        write(f"weights/published/{name}.json", {"made": made, "parameters": parameters, "tensors": tensors})


def write(path, report):
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    file = judge.ROOT / "fixtures" / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
