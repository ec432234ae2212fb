"""The INP-Former reference as a judge: its own modules, loss, optimiser, maps and image score.

Used by tools/golden/inp_former.py and tools/parity/inp-former. Needs torch, numpy and scikit-learn, and a checkout of
github.com/luow23/INP-Former.
"""

import sys
import types
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

# The reference's utils.py asks for packages of its evaluation, which are not used here.
STAND_INS = {
    "adeval": ["EvalAccumulatorCuda"],
    "aug_funcs": ["rot_img", "translation_img", "hflip_img", "grey_img", "rot90_img"],
    "cv2": [],
    "matplotlib": [],
    "matplotlib.pyplot": [],
    "pandas": [],
    "skimage": ["measure"],
    "tqdm": ["tqdm"],
}


def load(checkout):
    """The names that are used here, from a checkout."""
    for name, members in STAND_INS.items():
        stand_in = types.ModuleType(name)
        for member in members:
            setattr(stand_in, member, None)
        sys.modules[name] = stand_in
    sys.path.insert(0, str(checkout))
    import utils
    from models import uad, vision_transformer
    from optimizers import StableAdamW

    for name in STAND_INS:
        del sys.modules[name]
    found = types.SimpleNamespace(StableAdamW=StableAdamW, INP_Former=uad.INP_Former)
    for module, names in (
        (vision_transformer, ["Mlp", "Aggregation_Block", "Prototype_Block"]),
        (utils, ["WarmCosineScheduler", "cal_anomaly_maps", "get_gaussian_kernel", "global_cosine_hm_adaptive"]),
    ):
        for name in names:
            setattr(found, name, getattr(module, name))
    return found


def create(reference, encoder, taps, width, heads, blocks, prototypes, groups):
    """The model as the training scripts put it together; `taps` are block numbers, or how many from the first on."""
    norm = partial(nn.LayerNorm, eps=1e-8)
    options = {"dim": width, "num_heads": heads, "mlp_ratio": 4.0, "qkv_bias": True, "norm_layer": norm}
    layers = list(range(taps)) if isinstance(taps, int) else list(taps)

    def split(count):
        each = count // groups
        return [list(range(i * each, (i + 1) * each)) for i in range(groups)]

    return reference.INP_Former(
        encoder=encoder,
        bottleneck=nn.ModuleList([reference.Mlp(width, width * 4, width, drop=0.0)]),
        aggregation=nn.ModuleList([reference.Aggregation_Block(**options)]),
        decoder=nn.ModuleList([reference.Prototype_Block(**options) for _ in range(blocks)]),
        target_layers=layers,
        remove_class_token=True,
        fuse_layer_encoder=split(len(layers)),
        fuse_layer_decoder=split(blocks),
        prototype_token=nn.ParameterList([nn.Parameter(torch.randn(prototypes, width))]),
    )


def judge(reference, encoded, decoded, size, mask, share):
    """Maps `[n, 1, mask, mask]` and image scores `[n]` as the evaluation makes them."""
    maps, _ = reference.cal_anomaly_maps(encoded, decoded, size)
    maps = F.interpolate(maps, size=mask, mode="bilinear", align_corners=False)
    maps = reference.get_gaussian_kernel(kernel_size=5, sigma=4).to(maps.dtype)(maps)
    ranked = torch.sort(maps.flatten(1), dim=1, descending=True)[0]
    return maps, ranked[:, : int(ranked.shape[1] * share)].mean(dim=1)
