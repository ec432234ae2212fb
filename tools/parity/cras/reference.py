"""Drives the published CRAS code as it is, on the CPU, on our backbone and with what it logs kept.

The reference's own `_embed`, `trainer`, `_train_discriminator` and `_predict` run. Replaced from outside:
the backbone (EfficientNet-Lite2 with the numbers of our embedded file), TensorBoard, progress bars and
pandas (not needed here), and, because the backbone is frozen, `_embed` by a look-up of what it gave once.
An "image" is then the number of an image.
"""
import os
import pathlib
import sys
import tempfile
import types

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools/golden"))
import efficientnet_lite as judge

TAPS = ["stage3", "stage5"]
logged = {}


class Bar:
    """Stands for tqdm: iterates and says nothing."""

    def __init__(self, iterable=(), **_):
        self.iterable = iterable

    def __iter__(self):
        return iter(self.iterable)

    def set_description_str(self, _):
        pass


class Writer:
    """Stands for TensorBoard's writer: keeps the numbers."""

    def __init__(self, **_):
        pass

    def add_scalar(self, name, value, _step):
        logged.setdefault(name, []).append(float(value.detach() if torch.is_tensor(value) else value))


def import_reference(path):
    """The module `cras` of the reference at `path`."""
    stand_ins = {
        "tqdm": {"tqdm": Bar},
        "pandas": {},
        "torch.utils.tensorboard": {"SummaryWriter": Writer},
    }
    before = {name: sys.modules.get(name) for name in stand_ins}
    for name, members in stand_ins.items():
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module
    sys.path.insert(0, str(path))
    import cras

    # Others, PyTorch among them, look for the real ones.
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    return cras


class Taps(torch.nn.Module):
    """EfficientNet-Lite2 up to its fifth stage; the stages are children, for the reference's hooks."""

    def __init__(self):
        super().__init__()
        net = judge.load_folded("lite2")
        self.convolution, self.norm, self.activation = net._conv_stem, net._bn0, net._swish
        for number, blocks in enumerate(judge.stages(net)[:5], 1):
            self.add_module(f"stage{number}", torch.nn.Sequential(*blocks))

    def forward(self, x):
        x = self.activation(self.norm(self.convolution(x)))
        for number in range(1, 6):
            x = getattr(self, f"stage{number}")(x)
        return x


def create(module, *, dimension, noise, epochs, products, seed):
    """A fresh CRAS with the published settings, apart from width and noise."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    backbone = Taps().eval()
    torch.manual_seed(seed)
    model = module.CRAS("cpu")
    model.load(
        backbone=backbone,
        layers_to_extract_from=TAPS,
        device="cpu",
        input_shape=(3, 288, 288),
        pretrain_embed_dimension=dimension,
        target_embed_dimension=dimension,
        meta_epochs=epochs,
        eval_epochs=10**9,
        noise=noise,
    )
    model.set_model_dir(tempfile.mkdtemp(), "parity")
    model.class_names = list(products)
    return model


def embed(model, pixels):
    """Patch features [n, 1296, d] of uint8 pixels by the reference's own `_embed`."""
    out = []
    for image in pixels:
        rows, _ = type(model)._embed(model, torch.from_numpy(judge.normalise(image[None])), evaluation=True)
        out.append(rows.numpy())
    return np.stack(out)


def look_up(model, features):
    """From here on an image is its number in `features` [n, 1296, d]."""
    rows = torch.from_numpy(features)

    def embed_known(images, **_):
        return rows[images.long()].reshape(-1, rows.shape[-1]), [[36, 36], [36, 36]]

    model._embed = embed_known


def item(number, product):
    return {"image": torch.tensor(float(number)), "image_path": os.sep.join(["", product, "train", "good", "x"])}


def loader(items, batch, sampler=None):
    return torch.utils.data.DataLoader(
        items, batch_size=batch, shuffle=sampler is None, sampler=sampler, drop_last=False)


def train(model, items_per_product, batch, sampler=None):
    """Centres and all epochs by the reference's own trainer. Returns the loss of each step."""
    logged.clear()
    before = os.getcwd()
    os.chdir(tempfile.mkdtemp())  # it looks for ./results
    together = [i for items in items_per_product for i in items]
    each = [loader(items, batch) for items in items_per_product]
    model.trainer(loader(together, batch, sampler), each, [], model.class_names, "multi" if len(each) > 1 else "single")
    os.chdir(before)
    return logged.get("loss", [])


def predict(model, numbers, batch):
    """Image scores [n] and maps [n, 288, 288]."""
    scores, maps = [], []
    for start in range(0, len(numbers), batch):
        part, segmentations = model._predict(torch.tensor(numbers[start : start + batch], dtype=torch.float))
        scores += part
        maps += segmentations
    return np.array(scores), np.stack(maps)


def names(layers=3):
    """Our tensor names to those of the reference: (module, key, is transposed)."""
    table = {
        "head0.adaptor.weight": ("pre_projection", "layers.0fc.weight", True),
        "head0.adaptor.bias": ("pre_projection", "layers.0fc.bias", False),
        "head0.tail.weight": ("discriminator", "tail.0.weight", True),
    }
    for n in range(1, layers):
        for ours, theirs in [
            ("weight", "0.weight"),
            ("bias", "0.bias"),
            ("scale", "1.weight"),
            ("shift", "1.bias"),
            ("mean", "1.running_mean"),
            ("variance", "1.running_var"),
        ]:
            table[f"head0.block{n}.{ours}"] = ("discriminator", f"body.block{n}.{theirs}", ours == "weight")
    return table


def set_parameters(model, tensors):
    with torch.no_grad():
        for ours, (module, key, transposed) in names().items():
            value = torch.from_numpy(tensors[ours])
            getattr(model, module).state_dict()[key].copy_(value.T if transposed else value)


def get_parameters(model):
    out = {}
    for ours, (module, key, transposed) in names().items():
        value = getattr(model, module).state_dict()[key].detach().numpy()
        out[ours] = (value.T if transposed else value).copy()
    return out
