"""Opens an Assay model with onnxruntime alone and repeats the sample vectors of its card.

    python samples.py model.onnx

Needs onnxruntime and numpy. Prints the largest relative difference; exits 1 above the tolerance.
"""
import json
import sys

import numpy as np
import onnxruntime

TOLERANCE = 1e-3

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
card = json.loads(session.get_modelmeta().custom_metadata_map["assay.card"])
names = [output.name for output in session.get_outputs()]
worst = 0.0
for sample in card["samples"]:
    height, width, seed = (sample["input"][k] for k in ("height", "width", "seed"))
    i = np.arange(height * width * 3, dtype=np.int64)
    pixels = (256 * ((i * 7919 + 104729 * (seed + 1)) % 10007)) // 10007
    outputs = dict(zip(names, session.run(None, {"image": pixels.astype(np.uint8).reshape(1, height, width, 3)})))
    if "product" in outputs and int(outputs["product"][0]) != sample["product"]:
        sys.exit(f"sample {seed}: product {outputs['product'][0]} instead of {sample['product']}")
    scale = max(1e-6, abs(sample["score"]), *(abs(m["value"]) for m in sample["map"]))
    worst = max(worst, abs(float(outputs["score"][0]) - sample["score"]) / scale)
    for m in sample["map"]:
        worst = max(worst, abs(float(outputs["map"][0, m["y"], m["x"]]) - m["value"]) / scale)
print(f"{card['method']} on {card['weights']['backbone']}: {len(card['samples'])} samples, largest difference {worst:.2e}")
sys.exit(worst > TOLERANCE)
