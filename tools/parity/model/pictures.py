"""Compares inspect_picture.py with what Assay says of the same pictures.

    assay inspect model.onnx <images> --json --out report > inspected.jsonl
    python pictures.py model.onnx inspected.jsonl

Prints the largest difference of the scores over the threshold and of the maps over their spread; exits 1 above the
tolerances of `assay check`, or when a product or verdict differs.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

model, lines = sys.argv[1:]
script = Path(__file__).with_name("inspect_picture.py")
score = plane = 0.0
records = [json.loads(line) for line in Path(lines).read_text().splitlines()]
with tempfile.TemporaryDirectory() as folder:
    for record in records:
        file = str(Path(folder, "map.npy"))
        command = [sys.executable, str(script), model, record["image"], file]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for key in ("product", "verdict"):
            if answer[key] != record[key]:
                sys.exit(f"{record['image']}: {key} {answer[key]} instead of {record[key]}")
        size = max(abs(record["score"]), abs(record["threshold"]))
        score = max(score, abs(answer["score"] - record["score"]) / size)
        expected, found = np.asarray(Image.open(record["map"])), np.load(file)
        plane = max(plane, float(np.abs(expected - found).max() / np.ptp(expected)))
print(f"{len(records)} pictures: largest difference of a score {score:.1e}, of a map {plane:.1e}")
sys.exit(score > 1e-3 or plane > 1e-2)
