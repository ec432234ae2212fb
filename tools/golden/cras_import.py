"""Writes what the published CRAS code saves and says: fixtures/weights/cras and fixtures/golden/cras-import.json.

    python tools/golden/cras_import.py <path of the reference>

The reference's own code computes the centres, trains one epoch and judges, on EfficientNet-Lite2 and with features
of four values, so that the files are small. See tools/parity/cras/reference.py for how it is driven, and
tools/parity/cras-import for the same at full size. Two products: pictures with a fine and with a coarse pattern.
"""
import datetime
import json
import pathlib
import re
import shutil
import sys

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/parity/cras"))
import reference

PRODUCTS = ["fine", "coarse"]
PLACES = [0.2, 0.5, 0.8]
SEED = 0


def picture(product, number):
    """uint8 [288, 288, 3] in integers, so that any language makes the same."""
    i = np.arange(288 * 288 * 3, dtype=np.uint64)
    noise = (i * np.uint64(2654435761) % np.uint64(2**32)) >> np.uint64(27)  # 0..31
    c, x, y = i % 3, i // 3 % 288, i // 864
    step = 8 if product == "fine" else 48
    stripes = (x // step + y // (2 * step) + number) % 2 * 90
    return ((stripes + 30 * c + noise + 20 * number) % 256).astype(np.uint8).reshape(288, 288, 3)


def main(path):
    torch.set_num_threads(1)
    module = reference.import_reference(path)
    model = reference.create(module, dimension=4, noise=0.5, epochs=1, products=PRODUCTS, seed=SEED)
    features = reference.embed(model, [picture(p, n) for p in PRODUCTS for n in range(4)])
    reference.look_up(model, features)
    reference.train(model, [[reference.item(4 * p + n, name) for n in range(3)] for p, name in enumerate(PRODUCTS)], 2)

    folder = ROOT / "fixtures/weights/cras"
    folder.mkdir(exist_ok=True)
    state = {"discriminator": model.discriminator.state_dict(), "pre_projection": model.pre_projection.state_dict()}
    torch.save(state, folder / "ckpt_best_0.pth")
    shutil.copy(pathlib.Path(model.ckpt_dir) / "center.pth", folder / "center.pth")

    judged = []
    for p, name in enumerate(PRODUCTS):
        scores, maps = reference.predict(model, [4 * p + 3], 1)
        judged.append({
            "product": name,
            "number": 3,
            "score": float(scores[0]),
            "map": [[int(v * 288), int(u * 288), float(maps[0][int(v * 288), int(u * 288)])]
                    for v in PLACES for u in PLACES],
        })
    report = {
        "made": {
            "by": "tools/golden/cras_import.py",
            "day": datetime.date.today().isoformat(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "seed": SEED,
        },
        "products": PRODUCTS,
        "judged": judged,
    }
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    (ROOT / "fixtures/golden/cras-import.json").write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
