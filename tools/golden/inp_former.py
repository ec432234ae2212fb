"""Golden values for core/method/inp-former from the reference's own modules, in float64: fixtures/golden/inp-former.json,
and the tensors of its published heads: fixtures/weights/published/inp-former-dinov2reg-vit-b14.json.

Usage: python tools/golden/inp_former.py path/to/INP-Former

Needs torch and numpy, and a checkout of github.com/luow23/INP-Former. A tiny model: the encoder is replaced by
one that gives token maps by a formula, every parameter is set by the same formula (`formula` below, repeated in
the test), and everything behind the encoder is the reference's: forward, losses, gradients, StableAdamW with
clipping and its schedule, maps and image score. All values are exact in float32 before the first step.
"""

import datetime
import json
import pathlib
import subprocess
import sys
from functools import partial

import numpy as np
import torch
from torch import nn

import inp_former_judge as judge

checkout = pathlib.Path(sys.argv[1])
reference = judge.load(checkout)

WIDTH, HEADS, BLOCKS, PROTOTYPES, GROUPS = 4, 2, 4, 3, 2
IMAGES, SIDE, TAPS = 2, 3, 4
INPUT, MASK, TOP_SHARE = 12, 16, 0.1
RATE, FINAL_RATE, STEPS, DECAY, CLIP, COHERENCE = 1e-3, 1e-4, 20, 1e-4, 0.1, 0.2
EXPONENT = 3


def formula(stream, count):
    """`count` multiples of 1/1024 in [-0.5, 0.5), another row of them for each stream."""
    k = np.arange(count, dtype=np.uint64) + np.uint64(1000 * stream + 1)
    return ((k * np.uint64(2654435761)) % np.uint64(2**32) // np.uint64(2**22)).astype(np.float64) / 1024 - 0.5


def start(name, shape, stream):
    u = formula(stream, int(np.prod(shape))).reshape(shape)
    if name == "prototype_token":
        return 2 * u
    if name.endswith("learn_scale") or ".norm" in name and name.endswith("weight"):
        return 1 + u / 2
    return u / 4 if name.endswith("bias") else u


class FormulaEncoder(nn.Module):
    """Gives tap t the tokens of stream 100 + t, behind a class token."""

    num_register_tokens = 0

    def __init__(self):
        super().__init__()
        self.blocks = [partial(self.tap, t) for t in range(TAPS)]

    @staticmethod
    def prepare_tokens(images):
        return torch.zeros(len(images), 1, WIDTH, dtype=torch.float64)

    @staticmethod
    def tap(t, x):
        values = formula(100 + t, IMAGES * SIDE * SIDE * WIDTH).reshape(IMAGES, SIDE * SIDE, WIDTH)
        tokens = torch.tensor(2 * values + np.arange(WIDTH) / 4)
        return torch.cat([torch.zeros(IMAGES, 1, WIDTH, dtype=torch.float64), tokens], dim=1)


def build():
    model = judge.create(
        reference, FormulaEncoder(), TAPS, WIDTH, HEADS, BLOCKS, PROTOTYPES, GROUPS
    ).double()
    with torch.no_grad():
        for stream, (name, value) in enumerate(model.named_parameters()):
            value.copy_(torch.tensor(start(name, tuple(value.shape), stream)))
    return model


def plain(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().reshape(-1).tolist()]


def parameters(model):
    return {name: plain(value) for name, value in model.named_parameters()}


model = build()
shapes = {name: list(value.shape) for name, value in model.named_parameters()}
images = torch.zeros(IMAGES, 3, INPUT, INPUT, dtype=torch.float64)

encoded, decoded, coherence = model(images)
maps, scores = judge.judge(reference, encoded, decoded, INPUT, MASK, TOP_SHARE)
forward = {
    "encoded": [plain(e) for e in encoded],
    "decoded": [plain(d) for d in decoded],
    "coherence": coherence.item(),
    "map": plain(maps),
    "score": plain(scores),
}

trained = list(model.parameters())
optimiser = reference.StableAdamW(
    [{"params": trained}], lr=RATE, betas=(0.9, 0.999), weight_decay=DECAY, amsgrad=True, eps=1e-10
)
schedule = reference.WarmCosineScheduler(optimiser, base_value=RATE, final_value=FINAL_RATE, total_iters=STEPS)
losses, gradients, after = [], {}, {}
for step in range(1, STEPS + 1):
    encoded, decoded, coherence = model(images)
    loss = reference.global_cosine_hm_adaptive(encoded, decoded, y=EXPONENT) + COHERENCE * coherence
    optimiser.zero_grad()
    loss.backward()
    if step == 1:
        gradients = {name: plain(value.grad) for name, value in model.named_parameters()}
    nn.utils.clip_grad_norm_(trained, max_norm=CLIP)
    optimiser.step()
    schedule.step()
    losses.append(loss.item())
    if step in (1, STEPS):
        after[step] = parameters(model)

commit = subprocess.run(
    ["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
).stdout.strip()
made = {
    "by": "tools/golden/inp_former.py",
    "day": datetime.date.today().isoformat(),
    "torch": torch.__version__,
    "numpy": np.__version__,
    "reference": f"github.com/luow23/INP-Former {commit or 'without its history'}",
}
fixtures = pathlib.Path(__file__).parents[2] / "fixtures"
with torch.device("meta"):
    state = judge.create(reference, nn.Identity(), 8, 768, 12, 8, 6, 2).state_dict()
lines = ",\n".join(f'  "{name}": {list(value.shape)}' for name, value in state.items())
(fixtures / "weights/published/inp-former-dinov2reg-vit-b14.json").write_text(
    f'{{\n "made": {json.dumps(made)},\n "parameters": {sum(v.numel() for v in state.values())},\n'
    f' "tensors": {{\n{lines}\n }}\n}}\n'
)
path = fixtures / "golden/inp-former.json"
path.write_text(
    json.dumps(
        {
            "made": made,
            "plan": {
                "width": WIDTH,
                "heads": HEADS,
                "blocks": BLOCKS,
                "prototypes": PROTOTYPES,
                "groups": GROUPS,
            },
            "images": IMAGES,
            "side": SIDE,
            "taps": TAPS,
            "input": INPUT,
            "mask": MASK,
            "topShare": TOP_SHARE,
            "training": {
                "rate": RATE,
                "finalRate": FINAL_RATE,
                "steps": STEPS,
                "decay": DECAY,
                "gradientNorm": CLIP,
                "coherence": COHERENCE,
                "exponent": EXPONENT,
            },
            "shapes": shapes,
            "forward": forward,
            "losses": losses,
            "gradients": gradients,
            "after": after,
        },
        separators=(",", ":"),
    )
    .replace('],"', '],\n"')
    .replace('},"', '},\n"')
    + "\n"
)
print(path, path.stat().st_size)
