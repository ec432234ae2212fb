"""Writes a model of the INP-Former reference with a small random DINOv2-R encoder, and what it says about pictures.

    python tools/parity/inp-former/reference.py <checkout of luow23/INP-Former> $WORK

`model.pth` as its training script saves it, `wrapped.pth` as from DataParallel; for each size the normalised
pictures, maps and scores as float32; `sizes.json`. Random weights keep none of the towers near the identity, so
that every layer counts.
"""

import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import inp_former_judge as judge  # noqa: E402

WIDTH, HEADS, DEPTH, HEAD_BLOCKS, PROTOTYPES = 96, 3, 10, 8, 6
TAPS = range(2, 10)
SIZES = [392, 518]
IMAGES = 2


def main(checkout, work):
    torch.set_num_threads(1)
    torch.manual_seed(20)
    work = pathlib.Path(work)
    work.mkdir(exist_ok=True)
    reference = judge.load(checkout)
    from dinov2.models.vision_transformer import DinoVisionTransformer

    encoder = DinoVisionTransformer(
        img_size=518,
        patch_size=14,
        embed_dim=WIDTH,
        depth=DEPTH,
        num_heads=HEADS,
        init_values=1e-8,
        block_chunks=0,
        num_register_tokens=4,
        interpolate_antialias=False,
        interpolate_offset=0.1,
    )
    model = judge.create(reference, encoder, TAPS, WIDTH, HEADS, HEAD_BLOCKS, PROTOTYPES, 2).eval()
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.endswith(("norm1.weight", "norm2.weight", "gamma", "learn_scale")):
                value.copy_(1 + 0.3 * torch.randn_like(value))
            elif value.dim() > 1:
                value.copy_(torch.randn_like(value) / value.shape[-1] ** 0.5)
            else:
                value.copy_(0.2 * torch.randn_like(value))
    state = model.state_dict()
    torch.save(state, work / "model.pth")
    torch.save({f"module.{name}": value for name, value in state.items()}, work / "wrapped.pth")
    for size in SIZES:
        images = torch.randn(IMAGES, 3, size, size)
        with torch.no_grad():
            encoded, decoded, _ = model(images)
            maps, scores = judge.judge(reference, encoded, decoded, size, 256, 0.01)
        for name, value in (("images", images), ("maps", maps), ("scores", scores)):
            value.numpy().astype(np.float32).tofile(work / f"{name}-{size}.f32")
    (work / "sizes.json").write_text(
        json.dumps({"sizes": SIZES, "images": IMAGES, "width": WIDTH, "depth": DEPTH, "heads": HEADS})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
