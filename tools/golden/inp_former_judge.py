"""The INP-Former reference as a judge: its own modules, loss, optimiser, maps and image score.

Used by tools/golden/inp_former.py, tools/golden/robis_import.py and tools/parity/inp-former. Needs torch, numpy and
scikit-learn, `inspect` torchvision and pillow too, and a checkout of github.com/luow23/INP-Former.
"""

import sys
import types
from functools import partial

import numpy as np
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


def create_small(reference, width, heads, depth):
    """The published model but for its width and random weights, that keep no tower near the identity."""
    from dinov2.models.vision_transformer import DinoVisionTransformer

    encoder = DinoVisionTransformer(
        img_size=518,
        patch_size=14,
        embed_dim=width,
        depth=depth,
        num_heads=heads,
        init_values=1e-8,
        block_chunks=0,
        num_register_tokens=4,
        interpolate_antialias=False,
        interpolate_offset=0.1,
    )
    model = create(reference, encoder, range(2, 10), width, heads, 8, 6, 2).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.endswith(("norm1.weight", "norm2.weight", "gamma", "learn_scale")):
                value.copy_(1 + 0.3 * torch.randn_like(value))
            elif value.dim() > 1:
                value.copy_(torch.randn_like(value) / value.shape[-1] ** 0.5)
            else:
                value.copy_(0.2 * torch.randn_like(value))
    return model


@torch.no_grad()
def inspect(reference, model, picture, resize, crop, window=None):
    """Image score and map of a picture, uint8 `[h, w, 3]`, in its pixels; the lowest value where nothing was seen.

    The published maps of 256 pixels are resized to the crop and then to what it shows. Windows lie as RoBiS cuts
    them, filled up with zeros; their maps are averaged and the strangest one gives the score.
    """
    height, width = picture.shape[:2]
    if window is None:
        score, seen = inspect_one(reference, model, picture, resize, crop)
        tall, wide = height * crop // resize, width * crop // resize
        shown = stretch(seen, (tall, wide))
        whole = torch.full((height, width), shown.min())
        top, left = (height - tall) // 2, (width - wide) // 2
        whole[top : top + tall, left : left + wide] = shown
        return score, whole.numpy()
    step = int(window * (1 - 0.1))
    total, count = torch.zeros(2, height + window, width + window)
    scores = []
    for y in range(0, max(1, height - window + step), step):
        for x in range(0, max(1, width - window + step), step):
            part = picture[y : y + window, x : x + window]
            padded = np.zeros((window, window, 3), np.uint8)
            padded[: part.shape[0], : part.shape[1]] = part
            score, seen = inspect_one(reference, model, padded, resize, crop)
            scores.append(score)
            total[y : y + window, x : x + window] += stretch(seen, (window, window))
            count[y : y + window, x : x + window] += 1
    return max(scores), (total / count)[:height, :width].numpy()


def inspect_one(reference, model, picture, resize, crop):
    """Image score and map `[crop, crop]` of what the published transforms make of a picture."""
    from PIL import Image
    from torchvision import transforms

    prepare = transforms.Compose(
        [
            transforms.Resize((resize, resize)),
            transforms.ToTensor(),
            transforms.CenterCrop(crop),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    encoded, decoded, _ = model(prepare(Image.fromarray(picture))[None])
    maps, scores = judge(reference, encoded, decoded, crop, 256, 0.01)
    return float(scores[0]), stretch(maps[0, 0], (crop, crop))


def stretch(plane, size):
    return F.interpolate(plane[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]
