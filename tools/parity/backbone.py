"""Compares our EfficientNet-Lite, on onnxruntime, with the PyTorch package's own model, tap by tap.

    node tools/parity/backbone.ts lite2 <path of the .pth> <folder>
    python tools/parity/backbone.py lite2 <folder>

Needs torch, onnxruntime, scikit-image and the packages of tools/golden/efficientnet_lite.py. Three inputs: noise
on a slope, a photograph, and two images of another size. Printed: largest difference, over the tap's largest
value; root mean square of the difference, over that of the tap.
"""
import pathlib
import sys

import numpy as np
import onnxruntime as ort
import skimage.data
import skimage.transform
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import efficientnet_lite as judge


def photograph(height, width):
    image = skimage.transform.resize(skimage.data.chelsea(), (height, width), anti_aliasing=True)
    return np.round(image * 255).astype(np.uint8)[None]


def main(variant, folder):
    torch.set_num_threads(1)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    net = judge.load(variant)
    inputs = {
        "slope 1x224x224": judge.formula_image(1, 224, 224),
        "cat 1x320x448": photograph(320, 448),
        "slope 2x96x160": judge.formula_image(2, 96, 160),
    }
    print("input,weights,tap,shape,max,rms")
    for file in ("float32", "float16"):
        path = pathlib.Path(folder) / f"{file}.onnx"
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        for title, image in inputs.items():
            x = judge.normalise(image)
            want = judge.taps(net, x)
            for name, got in zip(names, session.run(None, {"x": x})):
                a, b = want[name].astype(np.float64), got.astype(np.float64)
                assert a.shape == b.shape, (name, a.shape, b.shape)
                most = np.abs(a - b).max() / np.abs(a).max()
                rms = np.sqrt(((a - b) ** 2).mean() / (a**2).mean())
                print(f"{title},{file},{name},{'x'.join(map(str, a.shape))},{most:.1e},{rms:.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
