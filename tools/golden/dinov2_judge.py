"""The DINOv2 reference as a judge: its own model, weights and pictures by a formula, its taps under our names.

Used by tools/golden/dinov2.py and tools/parity/dinov2. Needs torch and a checkout of facebookresearch/dinov2.
"""
import pathlib
import sys
from functools import partial

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
OFFSET = {"antialias": False, "offset": 0.1}
ANTIALIASED = {"antialias": True, "offset": 0.0}
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def plan(width, depth, heads, registers, positions, patch=14, grid=37):
    """The same fields as `DinoV2Plan`."""
    return {
        "width": width,
        "depth": depth,
        "heads": heads,
        "registers": registers,
        "patch": patch,
        "grid": grid,
        "positions": positions,
    }


def create_published(reference, name):
    """What the reference's hub makes for one of our names, such as dinov2reg-vit-s14, without its weights."""
    use(reference)
    from dinov2.hub import backbones

    family, _, size = name.split("-")
    maker = f"dinov2_vit{size}_reg" if family == "dinov2reg" else f"dinov2_vit{size}"
    return getattr(backbones, maker)(pretrained=False).eval()


def create(reference, p):
    """A network of any size, from the reference's parts."""
    use(reference)
    from dinov2.layers import MemEffAttention, NestedTensorBlock
    from dinov2.models.vision_transformer import DinoVisionTransformer

    return DinoVisionTransformer(
        img_size=p["grid"] * p["patch"],
        patch_size=p["patch"],
        embed_dim=p["width"],
        depth=p["depth"],
        num_heads=p["heads"],
        mlp_ratio=4,
        block_fn=partial(NestedTensorBlock, attn_class=MemEffAttention),
        init_values=1.0,
        ffn_layer="mlp",
        block_chunks=0,
        num_register_tokens=p["registers"],
        interpolate_antialias=p["positions"]["antialias"],
        interpolate_offset=p["positions"]["offset"],
    ).eval()


def use(reference):
    if reference not in sys.path:
        sys.path.insert(0, reference)


def fill(net):
    """Weights by the formula."""
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            tensor.copy_(torch.from_numpy(formula_tensor(name, tensor.shape)))
    return net


@torch.no_grad()
def taps(net, x, names):
    """Those taps, as float32 arrays [N, C, h, w]."""
    x = torch.from_numpy(x)
    blocks = [int(name.removeprefix("block")) for name in names if name != "norm"]
    found = dict(zip(sorted(blocks), net.get_intermediate_layers(x, n=blocks, reshape=True, norm=False)))
    out = {}
    for name in names:
        if name == "norm":
            n, _, h, w = x.shape
            flat = net.forward_features(x)["x_norm_patchtokens"]
            tap = flat.reshape(n, h // net.patch_size, w // net.patch_size, -1).permute(0, 3, 1, 2)
        else:
            tap = found[int(name.removeprefix("block"))]
        out[name] = tap.contiguous().numpy()
    return out


def noise(name, count):
    """uint32 [count] that any language makes the same: FNV-1a of the name, then murmur3's last mixing."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def formula_tensor(name, shape):
    """float32, about as large as in a trained network: uniform numbers, scaled by what the name says."""
    count = int(np.prod(shape))
    u = noise(name, count) / 2**31 - 1
    if name.endswith(".gamma"):
        values = 0.4 + 0.2 * u
    elif len(shape) == 1 and name.endswith(".weight"):
        values = 1 + 0.3 * u
    elif name.endswith(".weight"):
        values = u * np.sqrt(3 * shape[0] / count)
    else:
        values = u * 0.5
    return values.astype(np.float32).reshape(tuple(shape))


def formula_image(n, h, w):
    """uint8 [n, h, w, 3]: a slope with noise on it."""
    i = np.arange(n * h * w * 3)
    c, x, y = i % 3, i // 3 % w, i // (3 * w) % h
    return ((3 * x + 5 * y + 40 * c + (noise("image", i.size) >> np.uint32(26))) % 256).astype(np.uint8).reshape(n, h, w, 3)


def normalise(image):
    """[n, h, w, 3] -> [n, 3, h, w] float32."""
    return np.ascontiguousarray(((image.astype(np.float32) / 255 - MEAN) / STD).transpose(0, 3, 1, 2))
