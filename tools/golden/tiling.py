"""Golden values for core/tiling: the published cropping and merging of RoBiS, run on made-up pictures.

Run: python tools/golden/tiling.py path/to/RoBiS    (numpy, opencv and tifffile; tqdm if there)

The functions of models/modules/_swin_cropping.py and _merging.py of the checkout are run as they are, on
files in a temporary folder. The test draws the same pictures and maps:
picture(x, y, channel) = (7 x + 13 y + 29 channel + (x y mod 251)) mod 256,
map(tile, i) = float16(((7919 i + 104729 (tile + 1)) mod 10007) / 10007 * 255).
Where a picture was cut is read off pixels that say where they are.
"""

import argparse
import datetime
import hashlib
import importlib.util
import json
import pathlib
import sys
import tempfile
import types

import cv2
import numpy as np
import tifffile

parser = argparse.ArgumentParser()
parser.add_argument("checkout", type=pathlib.Path)
checkout = parser.parse_args().checkout

# A progress bar is all that is wanted of it.
if importlib.util.find_spec("tqdm") is None:
    sys.modules["tqdm"] = types.SimpleNamespace(tqdm=lambda items: items)


def load(name):
    spec = importlib.util.spec_from_file_location(name, checkout / "models" / "modules" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cropping, merging = load("_swin_cropping"), load("_merging")

# The sizes in MVTec AD 2, each by the last object that has it; then small sizes that meet every edge.
SIZES = {size: name for name, size in merging.resolution_dict.items()}
OBJECTS = {name: (*size, 1024, 0.1) for size, name in SIZES.items()}
SMALL = {
    "exact": (64, 121, 64, 0.1),
    "smaller-than-window": (60, 40, 64, 0.1),
    "one-pixel-more": (65, 122, 64, 0.1),
    "many": (300, 150, 64, 0.1),
    "half": (131, 97, 64, 0.5),
    "none": (129, 64, 64, 0.0),
}


def picture(width, height):
    y, x, channel = np.ogrid[:height, :width, :3]
    return ((7 * x + 13 * y + 29 * channel + (x * y) % 251) % 256).astype(np.uint8)


def position(width, height):
    """Blue and green hold the low bytes of x and y, red their high bits."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x & 255, y & 255, (x >> 8) << 4 | (y >> 8)], axis=2).astype(np.uint8)


def cut(image, window, overlap):
    """File name and pixels of each tile, by name."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        cv2.imwrite(str(folder / "part.png"), image[:, :, ::-1])
        (folder / "tiles").mkdir()
        cropping.generate_sliding_window_images(str(folder / "part.png"), str(folder / "tiles"), window, overlap)
        files = sorted((folder / "tiles").iterdir())
        return [(file.name, cv2.imread(str(file))[:, :, ::-1]) for file in files]


def merge(names, width, height, window, overlap):
    """The merged map of the made-up maps."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for tile, name in enumerate(names):
            i = np.arange(window * window, dtype=np.int64)
            values = (((7919 * i + 104729 * (tile + 1)) % 10007) / 10007 * 255).astype(np.float16)
            tifffile.imwrite(folder / name.replace(".png", ".tiff"), values.reshape(window, window))
        merging.resolution_dict["part"] = (width, height)
        merging.reconstruct_image(str(folder), "part", window, overlap)
        (file,) = folder.iterdir()
        return tifffile.imread(file)


def sha256(data):
    """The first 16 digits."""
    return hashlib.sha256(data).hexdigest()[:16]


cases = []
for name, (width, height, window, overlap) in (OBJECTS | SMALL).items():
    tiles = cut(position(width, height), window, overlap)
    # Sheet metal is over 4095 wide, but no tile begins there.
    corners = [pixels[0, 0].astype(int) for _, pixels in tiles]
    pixels = b"".join(np.ascontiguousarray(tile).tobytes() for _, tile in cut(picture(width, height), window, overlap))
    names = [file for file, _ in tiles]
    merged = merge(names, width, height, window // 4, overlap)
    assert merged.dtype == np.float16
    case = {
        "name": name,
        "width": width,
        "height": height,
        "window": window,
        "overlap": overlap,
        "tiles": [
            {"name": file, "x": int(r >> 4 << 8 | b), "y": int((r & 15) << 8 | g)}
            for file, (b, g, r) in zip(names, corners)
        ],
        "pixelsSha256": sha256(pixels),
        "merged": {"width": merged.shape[1], "height": merged.shape[0], "bitsSha256": sha256(merged.tobytes())},
    }
    if merged.size <= 200:
        case["merged"]["bits"] = merged.view(np.uint16).ravel().tolist()
    cases.append(case)

made = {
    "by": "tools/golden/tiling.py",
    "day": datetime.date.today().isoformat(),
    "numpy": np.__version__,
    "opencv": cv2.__version__,
    "tifffile": tifffile.__version__,
}
lines = ",\n".join("  " + json.dumps(case) for case in cases)
path = pathlib.Path(__file__).parents[2] / "fixtures" / "golden" / "tiling.json"
path.write_text('{\n "made": ' + json.dumps(made) + ',\n "cases": [\n' + lines + "\n ]\n}\n")
