"""Golden values for core/method/padim from NumPy and SciPy, in float64: fixtures/golden/padim.json.

Usage: python tools/golden/padim.py [path/to/anomalib]

Needs numpy and scipy; with a folder that holds the package anomalib (2.7.0; torch is needed then) its PaDiM is asked
for the same distances and has to agree. Features are a formula (`formula` below, repeated in the test). Case `few` has
fewer pictures than values of a feature, so that its covariances have no inverse without the ridge. What is stored: the
mean and the unbiased covariance of one place, the Mahalanobis distances of a picture that was not learned from, their
bilinear map with scipy's Gaussian of sigma 4 (every fourth row and column), and the map's maximum.
"""

import datetime
import json
import pathlib
import re
import sys

import numpy as np
import scipy
from scipy import ndimage
from scipy.spatial.distance import mahalanobis

ROOT = pathlib.Path(__file__).resolve().parents[2]
RIDGE = 0.01
CASES = {
    "many": {"pictures": 12, "k": 5, "height": 3, "width": 4},
    "few": {"pictures": 4, "k": 7, "height": 2, "width": 3},
}
UPSAMPLING = 8
PLACE = 1  # whose Gaussian is stored


def formula(stream, count):
    """`count` multiples of 1/1024 in [-0.5, 0.5), another row of them for each stream."""
    k = np.arange(count, dtype=np.uint64) + np.uint64(1000 * stream + 1)
    return ((k * np.uint64(2654435761)) % np.uint64(2**32) // np.uint64(2**22)).astype(np.float64) / 1024 - 0.5


def bilinear(grid, height, width):
    """Half-pixel centres, edges repeated."""
    rows = np.clip((np.arange(height) + 0.5) * grid.shape[0] / height - 0.5, 0, grid.shape[0] - 1)
    columns = np.clip((np.arange(width) + 0.5) * grid.shape[1] / width - 0.5, 0, grid.shape[1] - 1)
    return ndimage.map_coordinates(grid, np.meshgrid(rows, columns, indexing="ij"), order=1)


def run(pictures, k, height, width):
    places = height * width
    features = np.stack([formula(n, places * k).reshape(places, k) for n in range(pictures + 1)])
    train, test = features[:-1], features[-1] * 2
    means = train.mean(axis=0)
    covariances = np.stack([np.cov(train[:, p], rowvar=False) for p in range(places)])
    inverses = np.linalg.inv(covariances + RIDGE * np.eye(k))
    distances = np.array([mahalanobis(test[p], means[p], inverses[p]) for p in range(places)])
    if len(sys.argv) > 1:
        compare(pathlib.Path(sys.argv[1]), train, test, distances, height, width)
    grid = distances.reshape(height, width)
    smooth = ndimage.gaussian_filter(bilinear(grid, height * UPSAMPLING, width * UPSAMPLING), 4)
    return {
        "pictures": pictures, "k": k, "height": height, "width": width,
        "mean": means[PLACE].tolist(), "covariance": covariances[PLACE].ravel().tolist(),
        "distances": distances.tolist(),
        "map": np.round(smooth[::4, ::4], 9).ravel().tolist(), "score": float(smooth.max()),
    }


def compare(folder, train, test, distances, height, width):
    """anomalib's Gaussian and distance, from its two files alone: it adds another 1e-5 to the variances."""
    import torch

    components = folder / "anomalib/models/components"
    source = next(components.rglob("multi_variate_gaussian.py")).read_text()
    source = re.sub(r"from anomalib[^\n]*import DynamicBufferMixin", "class DynamicBufferMixin: pass", source)
    names = {"__name__": "gaussian"}
    exec(compile(source, "multi_variate_gaussian.py", "exec"), names)
    gaussian = names["MultiVariateGaussian"]()
    source = (folder / "anomalib/models/image/padim/anomaly_map.py").read_text()
    source = re.sub(r"from anomalib[^\n]*import GaussianBlur2d", "GaussianBlur2d = object", source)
    maps = {"__name__": "anomaly_map"}
    exec(compile(source, "anomaly_map.py", "exec"), maps)
    planes = lambda rows: torch.tensor(rows.swapaxes(-1, -2).reshape(-1, rows.shape[-1], height, width)).float()
    found = maps["AnomalyMapGenerator"].compute_distance(planes(test[None]), gaussian(planes(train)))
    gap = np.abs(found.numpy().ravel() / distances - 1).max()
    print(f"largest relative difference from anomalib: {gap:.1e}")
    assert gap < 1e-3


golden = {
    "made": {
        "by": "tools/golden/padim.py", "day": datetime.date.today().isoformat(),
        "numpy": np.__version__, "scipy": scipy.__version__,
    },
    "ridge": RIDGE, "upsampling": UPSAMPLING, "place": PLACE,
    "cases": {name: run(**case) for name, case in CASES.items()},
}
path = ROOT / "fixtures/golden/padim.json"
path.write_text(json.dumps(golden, indent=1) + "\n")
