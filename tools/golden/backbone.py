"""Writes fixtures/golden/backbone.json: what PyTorch gives at each tap of the embedded backbones.

    python tools/golden/backbone.py

"original" is the published model with its published float32 weights. "rounded" is the same model with the
float16 numbers of our embedded file, so that rounding and everything else are judged apart.
"""
import datetime
import importlib.metadata
import json
import re

import numpy as np
import torch

import efficientnet_lite as judge

SHAPE = (2, 64, 96)  # images, height, width
PLACES = 12  # values kept per tap


def sample(array):
    flat = array.reshape(-1)
    places = np.linspace(0, flat.size - 1, PLACES).astype(int)
    return {
        "shape": list(array.shape),
        "meanAbs": float(np.abs(flat.astype(np.float64)).mean()),
        "maxAbs": float(np.abs(flat).max()),
        "places": places.tolist(),
        "values": [float(v) for v in flat[places]],
    }


def kept_taps(weights):
    """The taps that can be computed from weights that end with a stage or with an expansion."""
    names = {name.rsplit(".", 1)[0] for name in weights}
    stages = {name.split(".")[0] for name in names if name.endswith(".project")}
    return stages | {name.replace(".0.expand", ".expand") for name in names if name.endswith(".expand")}


def plan(variant):
    """Each convolution in a line: name, weight shape, stride, groups, and whether the block's input is added."""
    net = judge.load(variant)
    residual = {}
    for s, blocks in enumerate(judge.stages(net), 1):
        for b, block in enumerate(blocks):
            a = block._block_args
            residual[f"stage{s}.{b}.project"] = a.id_skip and a.stride == 1 and a.input_filters == a.output_filters
    return [
        f"{name} {'x'.join(map(str, conv.weight.shape))} s{conv.stride[0]} g{conv.groups}{' +' if residual.get(name) else ''}"
        for name, conv, _ in judge.named_convs(net)
    ]


def main():
    torch.set_num_threads(1)
    x = judge.normalise(judge.formula_image(*SHAPE))
    backbones = {}
    for path in sorted(judge.ROOT.glob("packages/core/assets/efficientnet-*.safetensors")):
        variant = path.stem.removeprefix("efficientnet-")
        known = kept_taps(judge.read_safetensors(path))
        entry = {}
        for kind, net in (("original", judge.load(variant)), ("rounded", judge.load_folded(variant))):
            found = judge.taps(net, x)
            entry[kind] = {name: sample(found[name]) for name in found if name in known}
        backbones[path.stem] = entry
    report = {
        "made": {
            "by": "tools/golden/backbone.py",
            "day": datetime.date.today().isoformat(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "efficientnet_lite_pytorch": importlib.metadata.version("efficientnet_lite_pytorch"),
            "input": "formula_image in tools/golden/efficientnet_lite.py",
        },
        "input": {"images": SHAPE[0], "height": SHAPE[1], "width": SHAPE[2]},
        "plans": {v: plan(v) for v in ("lite0", "lite1", "lite2")},
        "backbones": backbones,
    }
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    (judge.ROOT / "fixtures/golden/backbone.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
