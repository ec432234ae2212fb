"""Makes a tiny data set in the layout of MVTec AD 2 and runs the public code of RoBiS over it, step by step.

    python tools/parity/robis/reference.py <checkout of HUST-SLOW/RoBiS> $WORK

`$WORK/data` the data set; `$WORK/theirs` what each step left behind: `tiles`, `weights` (random numbers instead of a
training), `raw` (maps before scaling, float32), `tile-maps`, `maps`, and `planted`, maps in which defects show. The
reference's functions are run as they are; what is replaced from outside stands in `replace`: the encoder by a small
random one, its table of picture sizes, and what ties it to a GPU and to older packages.
"""

import json
import os
import pathlib
import shutil
import sys
import types
from functools import partial

import cv2
import numpy as np
import tifffile
import torch

here = pathlib.Path(__file__).resolve().parent
SETTINGS = json.loads((here / "settings.json").read_text())
WIDTH, DEPTH, HEADS = (SETTINGS["encoder"][key] for key in ("width", "depth", "heads"))


def draw_data(root):
    """Per object 2 pictures to train on, 2 good and 2 bad public ones: smoothed noise, the bad ones with discs."""
    rng = np.random.default_rng(7)
    for name, (width, height) in SETTINGS["objects"].items():
        for folder in ["train/good"] * 2 + ["test_public/good"] * 2 + ["test_public/bad"] * 2:
            path = root / name / folder
            path.mkdir(parents=True, exist_ok=True)
            stem = f"{len(list(path.iterdir())):03d}_regular"
            picture = cv2.GaussianBlur(rng.normal(size=(height, width, 3)).astype(np.float32), (0, 0), 5)
            picture = 120 + 30 * picture / picture.std() + rng.normal(size=picture.shape) * 4
            if folder.endswith("bad"):
                mask = np.zeros((height, width), np.uint8)
                for _ in range(3):
                    centre = [int(rng.integers(60, side - 60)) for side in (width, height)]
                    cv2.circle(mask, centre, int(rng.integers(20, 60)), 255, -1)
                picture[mask > 0] = rng.uniform(0, 255, size=(int((mask > 0).sum()), 3))
                truth = root / name / "test_public/ground_truth/bad"
                truth.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(truth / f"{stem}_mask.png"), mask)
            cv2.imwrite(str(path / f"{stem}.png"), np.clip(picture, 0, 255).astype(np.uint8))


def replace(checkout):
    """Imports the reference with stand-ins; gives its parts."""
    sys.path.insert(0, str(checkout))
    sys.modules["models.INP_models.vit_encoder"] = types.ModuleType("vit_encoder")
    tifffile.imsave = tifffile.imwrite
    loader, load = torch.utils.data.DataLoader, torch.load
    torch.utils.data.DataLoader = lambda *args, **options: loader(*args, **{**options, "num_workers": 0})
    torch.load = lambda path, **options: load(path, map_location="cpu")
    from models import robis
    from models.modules import _merging, _swin_cropping

    robis.DataLoader = torch.utils.data.DataLoader
    _merging.resolution_dict = {name: tuple(size) for name, size in SETTINGS["objects"].items()}
    return types.SimpleNamespace(robis=robis, merging=_merging, cropping=_swin_cropping)


def build(robis, seed):
    """The model as the reference puts it together, on a small encoder, every number of it random."""
    from models.backbones.dinov2.models.vision_transformer import DinoVisionTransformer

    torch.manual_seed(seed)
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
    norm = partial(torch.nn.LayerNorm, eps=1e-8)
    block = {"dim": WIDTH, "num_heads": HEADS, "mlp_ratio": 4.0, "qkv_bias": True, "norm_layer": norm}
    two = [[0, 1, 2, 3], [4, 5, 6, 7]]
    model = robis.INP_Former(
        encoder=encoder,
        bottleneck=torch.nn.ModuleList([robis.Mlp(WIDTH, WIDTH * 4, WIDTH, drop=0.0)]),
        aggregation=torch.nn.ModuleList([robis.Aggregation_Block(**block)]),
        decoder=torch.nn.ModuleList([robis.Prototype_Block(**block) for _ in range(8)]),
        target_layers=list(range(2, 10)),
        remove_class_token=True,
        fuse_layer_encoder=two,
        fuse_layer_decoder=two,
        prototype_token=torch.nn.ParameterList(
            [torch.nn.Parameter(torch.randn(SETTINGS["prototypes"], WIDTH))]
        ),
    )
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.endswith(("norm1.weight", "norm2.weight", "gamma", "learn_scale")):
                value.copy_(1 + 0.3 * torch.randn_like(value))
            elif value.dim() > 1:
                value.copy_(torch.randn_like(value) / value.shape[-1] ** 0.5)
            else:
                value.copy_(0.2 * torch.randn_like(value))
    return model


class Recorder(torch.nn.Module):
    """The reference's smoothing, which keeps what it gives back: the maps before they are scaled."""

    def __init__(self, smoothing):
        super().__init__()
        self.smoothing, self.maps = smoothing, []

    def forward(self, x):
        y = self.smoothing(x)
        self.maps += list(y[:, 0].numpy().astype(np.float32))
        return y


def run(checkout, work):
    torch.set_num_threads(1)
    os.environ["TQDM_DISABLE"] = "1"
    work = pathlib.Path(work).resolve()
    data, theirs = work / "data", work / "theirs"
    draw_data(data)
    parts = replace(pathlib.Path(checkout).resolve())
    names = list(SETTINGS["objects"])
    cfg = {
        "device": "0",
        "dataset": {
            "dataset_name": "MVTec-AD-2",
            "original_data_path": str(data),
            "data_path": str(theirs / "tiles"),
            "mvtecad2_class_list": names,
            "test_type": "test_public",
        },
        "crop": {key: SETTINGS[key] for key in ("window_size", "desired_overlap")},
        "model": {"encoder": "small", "input_size": 518, "crop_size": 518, "INP_num": SETTINGS["prototypes"]},
        "training": {"total_epochs": 1, "batch_size": 4, "train_state": False},
        "testing": {"test_state": True},
        "save": {"save_dir": str(theirs / "weights"), "amap_savedir": str(theirs / "maps")},
    }
    parts.cropping.crop(cfg)
    for seed, name in enumerate(names):
        (theirs / "weights" / name).mkdir(parents=True)
        torch.save(build(parts.robis, seed).state_dict(), theirs / "weights" / name / "model.pth")

    smoothing = parts.robis.get_gaussian_kernel
    for name in names:
        recorder = Recorder(smoothing(kernel_size=5, sigma=4))
        parts.robis.get_gaussian_kernel = lambda **_: recorder
        one = parts.robis.RoBiS({**cfg, "dataset": {**cfg["dataset"], "mvtecad2_class_list": [name]}})
        one.load_model = lambda: (build(parts.robis, 99),)
        one.test()
        data_set = parts.robis.MVTec2Dataset(
            root=str(theirs / "tiles" / name),
            transform=None,
            gt_transform=None,
            train_state=False,
            test_state=True,
            test_type="test_public",
        )
        for path, plane in zip(data_set.img_paths, recorder.maps, strict=True):
            path = pathlib.Path(path)
            out = theirs / "raw" / name / path.parent.name / f"{path.stem}.f32"
            out.parent.mkdir(parents=True, exist_ok=True)
            plane.tofile(out)
    shutil.copytree(theirs / "maps", theirs / "tile-maps")
    parts.merging.merge(cfg)
    plant_defects(data, theirs)


def plant_defects(data, theirs):
    """A random model sees no defects: maps in which they show, for the steps behind."""
    rng = np.random.default_rng(8)
    for path in sorted((theirs / "maps").rglob("*.tiff")):
        plane = 0.4 * tifffile.imread(path).astype(np.float32)
        truth = data / path.relative_to(theirs / "maps").parent.parent / "ground_truth/bad" / f"{path.stem}_mask.png"
        if path.parent.name == "bad":
            mask = cv2.resize(cv2.imread(str(truth), 0), plane.shape[::-1]).astype(np.float32) / 255
            plane += rng.uniform(80, 150) * cv2.GaussianBlur(mask, (0, 0), 4)
        out = theirs / "planted" / path.relative_to(theirs / "maps")
        out.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(out, np.clip(plane, 0, 255).astype(np.float16))


if __name__ == "__main__":
    run(*sys.argv[1:])
