"""Writes a checkpoint of 2.5 GB: 94 float32 tensors as large as those of SAM ViT-H, one of them four times as large.

    python tools/parity/weights/checkpoint.py zip|legacy|safetensors <file>

Needs torch, safetensors for the last kind, and as much memory. The numbers of a tensor are all the same, and those
of no other.
"""
import sys

import torch

SHAPES = {f"image_encoder.blocks.{i // 3}.mlp.lin{i % 3}.weight": (5120, 1280) for i in range(92)}
SHAPES["image_encoder.pos_embed"] = (1, 64, 64, 1280)
SHAPES["image_encoder.wide"] = (4, 5120, 1280)


def main(kind, path):
    tensors = {name: torch.full(shape, float(i + 1)) for i, (name, shape) in enumerate(SHAPES.items())}
    if kind == "safetensors":
        import safetensors.torch

        safetensors.torch.save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "zip")


main(sys.argv[1], sys.argv[2])
