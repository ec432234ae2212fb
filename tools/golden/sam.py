"""Writes what the public code of Segment Anything gives, and which tensors its published checkpoints hold.

    python tools/golden/sam.py path/to/segment-anything

fixtures/golden/sam.json: pictures and prompts through a tiny model with formula weights, all the way to masks.
fixtures/weights/published/sam-vit-{b,l,h}.json: names and shapes, from the models built without memory.
What it needs is said in sam_reference.py.
"""
import base64
import datetime
import json
import re
import sys

import numpy as np
import PIL
import torch
import torchvision

import sam_reference as judge

PLACES = 48  # values kept of a large tensor
CASES = [
    {
        "width": 100,
        "height": 75,
        "prompts": [
            {"box": [12, 9, 61, 50]},
            {"box": [0, 0, 100, 75]},
            {"points": [{"x": 50, "y": 37, "isForeground": True}]},
            {
                "box": [30.5, 20, 80, 70.25],
                "points": [{"x": 40, "y": 30, "isForeground": True}, {"x": 5, "y": 70, "isForeground": False}],
            },
        ],
    },
    {"width": 180, "height": 246, "prompts": [{"box": [60, 72, 132, 180]}]},
]


def sample(array):
    flat = array.reshape(-1)
    places = np.linspace(0, flat.size - 1, min(PLACES, flat.size)).astype(int)
    return {
        "shape": list(array.shape),
        "meanAbs": float(np.abs(flat.astype(np.float64)).mean()),
        "maxAbs": float(np.abs(flat).max()),
        "places": places.tolist(),
        "values": [float(v) for v in flat[places]],
    }


def run(case):
    with torch.no_grad():
        found = judge.segment(MODEL, judge.formula_image(case["width"], case["height"]), case["prompts"])
    return {
        "width": case["width"],
        "height": case["height"],
        "inside": found["inside"],
        "input": sample(found["input"]),
        "embedding": sample(found["embedding"]),
        "prompts": [
            {
                **prompt,
                "iou": [float(v) for v in part["iou"]],
                "logits": sample(part["logits"]),
                # Rows of bits, the first pixel in the highest, the four masks one after the other.
                "masks": base64.b64encode(np.packbits(part["masks"].reshape(-1))).decode(),
                "areas": part["masks"].sum((1, 2)).tolist(),
            }
            for prompt, part in zip(case["prompts"], found["prompts"])
        ],
    }


def made():
    return {
        "by": "tools/golden/sam.py",
        "reference": "facebookresearch/segment-anything, Apache-2.0",
        "day": datetime.date.today().isoformat(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "pillow": PIL.__version__,
        "numpy": np.__version__,
    }


def write(path, report):
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    (judge.ROOT / path).write_text(text + "\n")


def write_published(variant):
    with torch.device("meta"):
        tensors = judge.published(variant).state_dict()
    report = {
        "made": made(),
        "parameters": sum(t.numel() for t in tensors.values()),
        "tensors": {name: list(t.shape) for name, t in tensors.items()},
    }
    write(f"fixtures/weights/published/sam-vit-{variant}.json", report)


if __name__ == "__main__":
    torch.set_num_threads(1)
    judge.use(sys.argv[1])
    MODEL = judge.fill(judge.build(judge.TINY))
    report = {
        "made": made(),
        "plan": judge.TINY,
        "cases": [run(case) for case in CASES],
    }
    write("fixtures/golden/sam.json", report)
    (judge.ROOT / "fixtures/weights/published").mkdir(parents=True, exist_ok=True)
    for variant in "blh":
        write_published(variant)
