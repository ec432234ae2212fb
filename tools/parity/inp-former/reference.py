"""Writes a model of the INP-Former reference with a small random DINOv2-R encoder, and what it says about pictures.

    python tools/parity/inp-former/reference.py <checkout of luow23/INP-Former> $WORK

`model.pth` as its training script saves it, `wrapped.pth` as from DataParallel; for each size the normalised
pictures, maps and scores as float32; for each way to scale pictures a folder of PNG files with their maps as
float32; `plan.json`. Random weights keep none of the towers near the identity, so that every layer counts.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import inp_former_judge as judge  # noqa: E402

PLAN = {"width": 96, "heads": 3, "depth": 12}
SIZES = [392, 518]
IMAGES = 2
# As INP-Former, as RoBiS a picture of one window, as RoBiS: how it is scaled, and the size of the picture.
WAYS = {
    "crop": ({"resize": 448, "crop": 392}, (640, 448)),
    "whole": ({"resize": 518, "crop": 518}, (830, 610)),
    "windows": ({"resize": 518, "crop": 518, "window": 1024}, (1500, 1100)),
}


def draw(random, width, height):
    """A made-up picture, uint8 `[height, width, 3]`: stripes, a spot and noise."""
    y, x = np.mgrid[:height, :width]
    stripes = 60 * np.sin(x / random.uniform(5, 40)) + 40 * np.cos(y / random.uniform(5, 40))
    spot = 80 * (np.hypot(x - random.uniform(0, width), y - random.uniform(0, height)) < random.uniform(20, 90))
    planes = [110 + 20 * c + stripes + spot + random.normal(0, 10, (height, width)) for c in range(3)]
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)


def main(checkout, work):
    torch.set_num_threads(1)
    torch.manual_seed(20)
    work = pathlib.Path(work)
    work.mkdir(exist_ok=True)
    reference = judge.load(checkout)
    model = judge.create_small(reference, **PLAN)
    state = model.state_dict()
    torch.save(state, work / "model.pth")
    torch.save({f"module.{name}": value for name, value in state.items()}, work / "wrapped.pth")
    for size in SIZES:
        images = torch.randn(IMAGES, 3, size, size)
        with torch.no_grad():
            encoded, decoded, _ = model(images)
            maps, scores = judge.judge(reference, encoded, decoded, size, 256, 0.01)
        for name, value in (("images", images), ("maps", maps), ("scores", scores)):
            value.numpy().astype(np.float32).tofile(work / f"{name}-{size}.f32")
    random = np.random.default_rng(20)
    scores = {}
    for name, (way, size) in WAYS.items():
        (work / name).mkdir(exist_ok=True)
        scores[name] = []
        for i in range(IMAGES):
            picture = draw(random, *size)
            Image.fromarray(picture).save(work / name / f"{i}.png")
            score, found = judge.inspect(reference, model, picture, **way)
            found.astype(np.float32).tofile(work / f"{name}-{i}.f32")
            scores[name].append(score)
    (work / "plan.json").write_text(json.dumps({"sizes": SIZES, "images": IMAGES, "encoder": PLAN, "scores": scores}))


if __name__ == "__main__":
    main(*sys.argv[1:])
