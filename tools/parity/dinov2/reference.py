"""Compares the taps that ours.ts left with those of PyTorch.

    python tools/parity/dinov2/reference.py hub <checkout of facebookresearch/dinov2> dinov2reg-vit-b14 $WORK 392x392
    python tools/parity/dinov2/reference.py robis <checkout of RoBiS> dinov2reg-vit-b14 $WORK 392x392

`hub` is the model as the hub of DINOv2 makes it. `robis` is the whole INP-Former of RoBiS, which has the code of
INP-Former: its encoder's blocks, and `en0` and `en1`, what it reconstructs, the means of four blocks each; it takes
squares only. Printed: largest difference, over the tap's largest value; root mean square of the difference, over
that of the tap.
"""
import pathlib
import sys
from functools import partial

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import dinov2_judge as judge


def hub_taps(checkout, name):
    net = judge.fill(judge.create_published(checkout, name))
    names = [f"block{i}" for i in range(net.n_blocks)] + ["norm"]
    return lambda x: judge.taps(net, x, names)


def robis_taps(checkout, name):
    sys.path.insert(0, checkout)
    from models.backbones.dinov2.models import vision_transformer
    from models.INP_models.uad import INP_Former
    from models.INP_models.vision_transformer import Aggregation_Block, Mlp, Prototype_Block

    # As RoBiS configures them; the encoder is made here because its loader downloads.
    family, _, size = name.split("-")
    encoder = getattr(vision_transformer, {"s": "vit_small", "b": "vit_base", "l": "vit_large"}[size[0]])(
        patch_size=14,
        img_size=518,
        block_chunks=0,
        init_values=1e-8,
        num_register_tokens=4 if family == "dinov2reg" else 0,
        interpolate_antialias=False,
        interpolate_offset=0.1,
    )
    judge.fill(encoder)
    width, heads = encoder.embed_dim, encoder.num_heads
    groups = [[0, 1, 2, 3], [4, 5, 6, 7]]
    targets = [4, 6, 8, 10, 12, 14, 16, 18] if size[0] == "l" else [2, 3, 4, 5, 6, 7, 8, 9]
    parts = {"dim": width, "num_heads": heads, "mlp_ratio": 4.0, "qkv_bias": True}
    parts["norm_layer"] = partial(torch.nn.LayerNorm, eps=1e-8)
    model = INP_Former(
        encoder=encoder,
        bottleneck=torch.nn.ModuleList([Mlp(width, width * 4, width)]),
        aggregation=torch.nn.ModuleList([Aggregation_Block(**parts)]),
        decoder=torch.nn.ModuleList([Prototype_Block(**parts) for _ in range(8)]),
        target_layers=targets,
        remove_class_token=True,
        fuse_layer_encoder=groups,
        fuse_layer_decoder=groups,
        prototype_token=torch.nn.ParameterList([torch.nn.Parameter(torch.randn(6, width))]),
    ).eval()

    @torch.no_grad()
    def taps(x):
        found = {}
        hooks = [
            block.register_forward_hook(lambda _m, _i, out, i=i: found.__setitem__(f"block{i}", out))
            for i, block in enumerate(encoder.blocks)
        ]
        means, _, _ = model(torch.from_numpy(x))
        for hook in hooks:
            hook.remove()
        n, _, h, w = x.shape
        skipped = 1 + encoder.num_register_tokens
        maps = {k: t[:, skipped:].permute(0, 2, 1).reshape(n, width, h // 14, w // 14) for k, t in found.items()}
        return {k: t.numpy() for k, t in maps.items()} | {f"en{i}": t.numpy() for i, t in enumerate(means)}

    return taps, {f"en{i}": [f"block{targets[k]}" for k in group] for i, group in enumerate(groups)}


def main(kind, checkout, name, work, *sizes):
    torch.set_num_threads(1)
    taps, means = robis_taps(checkout, name) if kind == "robis" else (hub_taps(checkout, name), {})
    print("id,positions,size,tap,max,rms")
    for size in sizes:
        height, width = map(int, size.split("x"))

        def ours(tap):
            return np.fromfile(pathlib.Path(work) / f"{name}-{kind}-{size}-{tap}.f32", "<f4").astype(np.float64)

        for tap, want in taps(judge.normalise(judge.formula_image(1, height, width))).items():
            a = want.reshape(-1).astype(np.float64)
            b = np.mean([ours(t) for t in means[tap]], axis=0) if tap in means else ours(tap)
            most = np.abs(a - b).max() / np.abs(a).max()
            rms = np.sqrt(((a - b) ** 2).mean() / (a**2).mean())
            print(f"{name},{kind},{size},{tap},{most:.1e},{rms:.1e}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
