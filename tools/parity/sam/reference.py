"""Runs the public code of Segment Anything at full size with formula weights, and keeps what it gives.

    python tools/parity/sam/reference.py path/to/segment-anything $WORK b

One thread. Writes $WORK/<variant>.json and the numbers beside it, for ours.ts.
"""
import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import sam_reference as judge

WIDTH, HEIGHT = 1400, 1000
PROMPTS = [
    {"box": [420, 260, 980, 740]},
    {"box": [30, 40, 300, 180]},
    {"points": [{"x": 700, "y": 500, "isForeground": True}]},
]


def main():
    torch.set_num_threads(1)
    reference, work, variant = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    judge.use(reference)
    sam = judge.fill(judge.published(variant))
    start = time.process_time()
    with torch.no_grad():
        sam.image_encoder(torch.zeros(1, 3, 1024, 1024))
    encoder = time.process_time() - start
    with torch.no_grad():
        found = judge.segment(sam, judge.formula_image(WIDTH, HEIGHT), PROMPTS)
    found["embedding"].astype("<f4").tofile(work / f"{variant}.embedding")
    np.stack([p["logits"] for p in found["prompts"]]).astype("<f4").tofile(work / f"{variant}.logits")
    np.stack([p["masks"] for p in found["prompts"]]).astype("u1").tofile(work / f"{variant}.masks")
    report = {
        "width": WIDTH,
        "height": HEIGHT,
        "prompts": PROMPTS,
        "iou": [[float(v) for v in p["iou"]] for p in found["prompts"]],
        "encoderCpuSeconds": round(encoder, 2),
        "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    (work / f"{variant}.json").write_text(json.dumps(report, indent=1) + "\n")
    print({k: report[k] for k in ("encoderCpuSeconds", "peakMegabytes")})


if __name__ == "__main__":
    main()
