"""Writes what PyTorch says about ResNets: names and shapes of the published files, and the taps for given weights.

    python tools/golden/resnet.py

fixtures/weights/published/<id>.json: name to shape, from torchvision's models (its weights are not needed).
fixtures/golden/resnet.json: the taps of each network, at full size and of two narrow ones, with weights and
running statistics by the formula of `formula_weights`. Needs torch, torchvision and numpy.
"""
import datetime
import json
import pathlib
import re

import numpy as np
import torch
import torchvision
from torchvision.models import get_model, get_model_weights, resnet

ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLISHED = {
    "resnet18": "resnet18",
    "resnet34": "resnet34",
    "resnet50": "resnet50",
    "wide-resnet50-2": "wide_resnet50_2",
}
NARROW = {
    "narrow-basic": {"block": "basic", "depths": [2, 1, 1, 2], "channels": 8, "widening": 1, "classes": 5},
    "narrow-bottleneck": {"block": "bottleneck", "depths": [1, 2, 1, 1], "channels": 8, "widening": 2, "classes": 5},
}
TAPS = ["layer1", "layer2", "layer3", "layer4"]
PLACES = 12  # values kept per tap


class Narrow(resnet.ResNet):
    """torchvision's blocks and forward with another number of channels."""

    def __init__(self, block, depths, channels, widening, classes):
        super().__init__(resnet.BasicBlock, [1, 1, 1, 1])
        kind = {"basic": resnet.BasicBlock, "bottleneck": resnet.Bottleneck}[block]
        self.inplanes, self.base_width = channels, 64 * widening
        self.conv1 = torch.nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(channels)
        for i, depth in enumerate(depths):
            layer = self._make_layer(kind, channels * 2**i, depth, stride=1 if i == 0 else 2)
            setattr(self, f"layer{i + 1}", layer)
        self.fc = torch.nn.Linear(self.inplanes, classes)


def unit(name, count):
    """`count` numbers in [-1, 1) by integer arithmetic alone: a hash of the tensor's name and the place."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 % 2**32
    h = (np.arange(count, dtype=np.uint32) ^ np.uint32(seed)) * np.uint32(0x9E3779B1)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x85EBCA77)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE3D)
    h ^= h >> np.uint32(16)
    return h.astype(np.float64) / 2**31 - 1


def formula_tensor(name, shape):
    """Weights as He et al. start them; gains and variances around 1, shifts and means around 0."""
    u = unit(name, int(np.prod(shape))).reshape(shape)
    if len(shape) > 1:
        return u * np.sqrt(6 / np.prod(shape[1:]))
    gain = name.endswith("running_var") or re.search(r"(bn\d|downsample\.1)\.weight$", name)
    return 1 + u / 2 if gain else u / 5


def formula_weights(net):
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                value.copy_(torch.from_numpy(formula_tensor(name, tuple(value.shape)).astype(np.float32)))
    return net.eval()


def sample(array):
    flat = array.reshape(-1)
    alive = np.flatnonzero(flat)  # behind a ReLU many are 0
    places = alive[np.linspace(0, alive.size - 1, PLACES).astype(int)]
    return {
        "shape": list(array.shape),
        "meanAbs": float(np.abs(flat.astype(np.float64)).mean()),
        "maxAbs": float(np.abs(flat).max()),
        "places": places.tolist(),
        "values": [float(v) for v in flat[places]],
    }


@torch.no_grad()
def run(net, shape):
    """The taps for an input by the same formula, float32 [n, 3, h, w]."""
    out = {}
    for tap in TAPS:
        getattr(net, tap).register_forward_hook(lambda _m, _i, y, tap=tap: out.__setitem__(tap, sample(y.numpy())))
    net(torch.from_numpy(unit("input", int(np.prod(shape))).reshape(shape).astype(np.float32)))
    return {"input": list(shape), "taps": {tap: out[tap] for tap in TAPS}}


def main():
    torch.set_num_threads(1)
    networks = {}
    for id, name in PUBLISHED.items():
        net = get_model(name, weights=None)
        lines = [f"  {json.dumps(k)}: {json.dumps(list(v.shape))}" for k, v in net.state_dict().items()]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (ROOT / f"fixtures/weights/published/{id}.json").write_text(text)
        published = get_model_weights(name).IMAGENET1K_V1
        networks[id] = {"parameters": published.meta["num_params"], **run(formula_weights(net), (1, 3, 64, 64))}
    narrow = {
        name: {"design": design, **run(formula_weights(Narrow(**design)), (2, 3, 64, 96))}
        for name, design in NARROW.items()
    }
    report = {
        "made": {
            "by": "tools/golden/resnet.py",
            "day": datetime.date.today().isoformat(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
        },
        "published": networks,
        "narrow": narrow,
    }
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[-+.,\s\de]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # numbers on one line
    (ROOT / "fixtures/golden/resnet.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
