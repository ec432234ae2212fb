"""Runs the public code of Segment Anything at full size, keeps what it gives, and how far it is from itself.

    python tools/parity/sam/reference.py path/to/segment-anything $WORK b [batch float64-decoder threads onednn float64]

Twice: with formula weights, and with the same after fit.py has trained their mask decoder; those are saved as a
checkpoint, $WORK/<variant>.pth. Writes $WORK/<variant>-<formula|fitted>.json and the numbers beside it, for
ours.ts, and prints the reference against itself under changes that should not matter: those named, or all.
"""
import json
import pathlib
import resource
import sys
import time

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "golden")]
import fit
import sam_reference as judge
from itself import CHANGES, answer, compare_with_itself

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
    from segment_anything import SamPredictor

    sam = judge.fill(judge.published(variant))
    predictor = SamPredictor(sam)
    start = time.process_time()
    predictor.set_image(judge.formula_image(WIDTH, HEIGHT))
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"encoder {seconds:.1f} s of CPU, peak {peak} MB", flush=True)
    spent = {"encoderCpuSeconds": round(seconds, 1), "peakMegabytes": peak}
    found = {"formula": answer(predictor, PROMPTS)}
    keep(work, f"{variant}-formula", found["formula"], spent)
    formula_decoder = {name: value.clone() for name, value in sam.mask_decoder.state_dict().items()}
    print(f"fitted to a loss of {fit.fit(sam, predictor, PROMPTS):.4f}", flush=True)
    torch.save(sam.state_dict(), work / f"{variant}.pth")
    found["fitted"] = answer(predictor, PROMPTS)
    keep(work, f"{variant}-fitted", found["fitted"], spent)
    decoders = {"formula": formula_decoder, "fitted": {n: v.clone() for n, v in sam.mask_decoder.state_dict().items()}}
    changes = sys.argv[4:] or list(CHANGES)
    compare_with_itself(predictor, judge.formula_image(WIDTH, HEIGHT), PROMPTS, decoders, found, changes)


def keep(work, name, found, spent):
    for part, kind in (("embedding", "<f4"), ("logits", "<f4"), ("masks", "u1")):
        found[part].astype(kind).tofile(work / f"{name}.{part}")
    report = {"width": WIDTH, "height": HEIGHT, "prompts": PROMPTS, "iou": found["iou"].tolist(), **spent}
    (work / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")
    logits = np.abs(found["logits"])
    print(f"{name}: logits to {logits.max():.2f}, {(logits < 1e-2 * logits.max()).mean():.2%} of them within a hundredth "
          f"of that around 0; {found['masks'].mean():.1%} of the pixels inside", flush=True)


if __name__ == "__main__":
    main()
