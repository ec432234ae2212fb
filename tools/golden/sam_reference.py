"""The public code of Segment Anything as a judge: a model of any plan, formula weights, a formula image.

Used by tools/golden/sam.py and tools/parity/sam. Needs torch, torchvision, numpy and Pillow below 13 from PyPI, and
a checkout of facebookresearch/segment-anything (Apache-2.0), whose path is an argument of those scripts.
"""
import functools
import math
import pathlib
import re
import sys

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]

# As in packages/core/src/refine/sam/plan.ts; the small one is for tests: 14 x 14 tokens in windows of 4.
TINY = {
    "id": "sam-tiny",
    "imageSize": 224,
    "patch": 16,
    "channels": 32,
    "encoder": {"width": 24, "depth": 3, "heads": 2, "window": 4, "globalBlocks": [1]},
    "decoder": {"depth": 2, "heads": 4, "mlp": 48},
}


def use(reference):
    sys.path.insert(0, str(reference))


def published(variant):
    """The reference's own builder, by the last letter of an id."""
    from segment_anything import sam_model_registry

    return sam_model_registry[f"vit_{variant}"]()


def build(plan):
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    size, patch, channels = plan["imageSize"], plan["patch"], plan["channels"]
    encoder, decoder = plan["encoder"], plan["decoder"]
    side = size // patch
    return Sam(
        image_encoder=ImageEncoderViT(
            img_size=size,
            patch_size=patch,
            embed_dim=encoder["width"],
            depth=encoder["depth"],
            num_heads=encoder["heads"],
            out_chans=channels,
            norm_layer=functools.partial(torch.nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=encoder["window"],
            global_attn_indexes=tuple(encoder["globalBlocks"]),
        ),
        prompt_encoder=PromptEncoder(channels, (side, side), (size, size), 16),
        mask_decoder=MaskDecoder(
            transformer_dim=channels,
            transformer=TwoWayTransformer(decoder["depth"], channels, decoder["heads"], decoder["mlp"]),
            iou_head_hidden_dim=channels,
        ),
    ).eval()


def fill(sam):
    """Gives every tensor its formula numbers, in place."""
    with torch.no_grad():
        for name, tensor in sam.state_dict().items():
            tensor.copy_(torch.from_numpy(formula_tensor(name, tuple(tensor.shape))))
    return sam.eval()


def formula_tensor(name, shape):
    """Numbers that depend on name and place alone, of the usual size of such a tensor; see formula.ts."""
    count = math.prod(shape)
    index = np.arange(count, dtype=np.uint32)
    h = index * np.uint32(2654435761) + np.uint32(fnv1a(name))
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    unit = (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    return (offset_of(name, shape) + scale_of(name, shape) * unit).astype(np.float32).reshape(shape)


def offset_of(name, shape):
    return 1.0 if len(shape) == 1 and name.endswith(".weight") else 0.0


def scale_of(name, shape):
    if len(shape) == 1:
        return 0.2 if name.endswith(".weight") else 0.1
    if re.search(r"pos_embed$|_embed\.weight$|point_embeddings|_tokens?\.weight$|gaussian", name):
        return 1.0
    return math.sqrt(3 / math.prod(shape[1:]))


def fnv1a(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def formula_image(width, height):
    """`[height, width, 3]` bytes: ramps, a bright disc and a little noise."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    i = ((y * width + x) * 3 + c).astype(np.uint32)
    noise = (i * np.uint32(2654435761)) >> np.uint32(27)
    disc = (2 * x - width) ** 2 + (2 * y - height) ** 2 < min(width, height) ** 2 // 4
    return ((x * 97 // width + y * 61 // height + 30 * c + noise + 90 * disc) % 256).astype(np.uint8)


def segment(sam, image, prompts):
    """Everything of interest on the way from a picture to masks, all four of them for each prompt."""
    from segment_anything import SamPredictor

    predictor = SamPredictor(sam)
    predictor.set_image(image)
    found = []
    for prompt in prompts:
        points = np.array([[p["x"], p["y"]] for p in prompt.get("points", [])]) if "points" in prompt else None
        labels = np.array([int(p["isForeground"]) for p in prompt["points"]]) if "points" in prompt else None
        box = np.array(prompt["box"]) if "box" in prompt else None
        parts = [predictor.predict(points, labels, box, multimask_output=many) for many in (False, True)]
        masks, iou, logits = (np.concatenate(pair) for pair in zip(*parts))
        found.append({"masks": masks, "iou": iou, "logits": logits})
    return {
        "inside": list(predictor.input_size),
        "input": sam.preprocess(
            torch.from_numpy(predictor.transform.apply_image(image)).permute(2, 0, 1)[None]
        ).numpy(),
        "embedding": predictor.features.numpy(),
        "prompts": found,
    }
