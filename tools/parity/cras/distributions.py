"""Compares what each side draws: starting weights over ten seeds, and the noise of one step.

    python tools/parity/cras/distributions.py <path of the reference> <work folder>

Two-sample Kolmogorov-Smirnov p-values, deviations over that of the other side, and the largest correlation
of the noise between neighbouring values, rows and steps in units of its standard error.
"""
import pathlib
import sys

import numpy as np
from exchange import SETTINGS, read_tensors
from scipy.stats import ks_2samp

import paired
import reference

SEEDS = 10


def collect(start):
    found = {}
    for seed in range(SEEDS):
        for name, value in start(seed).items():
            found.setdefault(name, []).append(value.ravel())
    return {name: np.concatenate(values) for name, values in found.items()}


def main(path, work):
    module = reference.import_reference(path)
    folder = pathlib.Path(work) / "start"

    def create(seed):
        return reference.create(
            module, dimension=SETTINGS["dimension"], noise=1, epochs=0, products=["part"], seed=seed)

    def ours(seed):
        paired.start(create(seed), folder, seed)
        return read_tensors(folder, "initial")

    a, b = collect(ours), collect(lambda seed: reference.get_parameters(create(seed)))
    print("tensor,deviation ours,reference,ratio,KS p")
    for name, theirs in b.items():
        mine = a[name]
        if theirs.std() == 0:
            print(f"{name},constant,{np.unique(mine)},{np.unique(theirs)}")
            continue
        p = ks_2samp(mine[:200000], theirs[:200000]).pvalue
        print(f"{name},{mine.std():.5f},{theirs.std():.5f},{mine.std() / theirs.std():.4f},{p:.3f}")

    import torch

    with paired.draws(0, SETTINGS["batch"], 2):
        shape = (SETTINGS["batch"] * paired.PATCHES, SETTINGS["dimension"])
        first, second = (torch.normal(0, 1, shape).numpy().astype(np.float64) for _ in range(2))
    n = first.size
    print(f"\nnoise of a step: mean {first.mean() * n**0.5:+.2f} standard errors, deviation {first.std():.5f}, "
          f"kurtosis {(first**4).mean() / first.var() ** 2:.4f} (3), largest {np.abs(first).max():.2f}")
    print(f"KS against PyTorch: p = {ks_2samp(first.ravel()[:500000], torch.randn(500000).numpy()).pvalue:.3f}")
    lengths = np.linalg.norm(first, axis=1)
    print(f"row length: mean {lengths.mean():.4f}, deviation {lengths.std():.4f}; PyTorch "
          f"{torch.randn(shape).norm(dim=1).mean():.4f}, {torch.randn(shape).norm(dim=1).std():.4f}")
    for title, x, y in [
        ("neighbouring values", first[:, 1:], first[:, :-1]),
        ("neighbouring rows", first[1:], first[:-1]),
        ("neighbouring steps", first, second),
        ("squares of neighbouring values", first[:, 1:] ** 2 - 1, first[:, :-1] ** 2 - 1),
        ("squares of neighbouring rows", first[1:] ** 2 - 1, first[:-1] ** 2 - 1),
    ]:
        print(f"correlation of {title}: {np.mean(x * y) * x.size**0.5 / (x.std() * y.std()):+.2f} standard errors")


if __name__ == "__main__":
    main(*sys.argv[1:])
