"""Writes what the published INP-Former code saves and says: fixtures/weights/robis and fixtures/golden/robis-import.json.

    python tools/golden/robis_import.py <checkout of luow23/INP-Former>

Its own model and DINOv2-R, eight values wide and with random weights, so that the file is small; see
tools/parity/inp-former for a wider one. RoBiS has the same model. One picture, scaled as both scale pictures, and in
windows as RoBiS cuts them.
"""

import datetime
import json
import pathlib
import re
import sys

import inp_former_judge as judge
import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEED = 5
PLAN = {"width": 8, "heads": 2, "depth": 12}
WIDTH, HEIGHT, NUMBER = 320, 224, 3
PLACES = [0.03, 0.2, 0.5, 0.8, 0.98]
WAYS = {
    "whole": {"resize": 518, "crop": 518},
    "crop": {"resize": 448, "crop": 392},
    "windows": {"resize": 518, "crop": 518, "window": 200},
}


def picture(number):
    """uint8 `[224, 320, 3]` in integers, so that any language makes the same."""
    i = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint64)
    noise = (i * np.uint64(2654435761) % np.uint64(2**32)) >> np.uint64(27)  # 0..31
    c, x, y = i % 3, i // 3 % WIDTH, i // (3 * WIDTH)
    stripes = (x // 24 + y // 48 + number) % 2 * 90
    return ((stripes + 30 * c + noise + 20 * number) % 256).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)


def main(checkout):
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    reference = judge.load(checkout)
    model = judge.create_small(reference, **PLAN)
    folder = ROOT / "fixtures/weights/robis"
    folder.mkdir(exist_ok=True)
    torch.save(model.state_dict(), folder / "model.pth")

    judged = []
    for name, way in WAYS.items():
        score, found = judge.inspect(reference, model, picture(NUMBER), **way)
        at = [[int(v * HEIGHT), int(u * WIDTH)] for v in PLACES for u in PLACES]
        judged.append({"way": name, "score": score, "map": [[y, x, float(found[y, x])] for y, x in at]})
    report = {
        "made": {
            "by": "tools/golden/robis_import.py",
            "day": datetime.date.today().isoformat(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "seed": SEED,
        },
        "plan": PLAN,
        "number": NUMBER,
        "judged": judged,
    }
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    (ROOT / "fixtures/golden/robis-import.json").write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
