"""Trains the published CRAS code on made-up parts, imports what it saved, and compares scores and maps.

    python tools/parity/cras-import/compare.py <path of the reference> <empty work folder>

The reference's own `trainer` runs (one epoch) and saves its own files; its own `_predict` then judges the test
pictures one by one, from those files, in float32 and, as a yardstick, in float64. The backbone is torchvision's Wide
ResNet-50-2 with random weights and the batch statistics of the training pictures. So few steps want more noise than
published, and a discriminator whose running statistics follow faster; what else is replaced stands at the top of
../cras/reference.py.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime as ort
import torch
from PIL import Image
from torchvision import transforms
from torchvision.models import wide_resnet50_2

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent / "cras"))
import reference

PRODUCTS = ["flange", "blister"]  # as in model.ts
# As the reference prepares its pictures.
CROP = transforms.Compose([transforms.Resize(329), transforms.CenterCrop(288)])
NORMALISE = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
TIE = 1.5e-7  # of cosines: the rounding of a float32 near 1, and a little


def node(part, work):
    command = [ROOT / "node_modules/.bin/node", HERE / "model.ts", part, work]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "ASSAY_CACHE": str(work / "cache")})


def crop(path):
    return CROP(Image.open(path).convert("RGB"))


def item(path):
    return {"image": NORMALISE(crop(path)), "image_path": str(path)}


def make_backbone(paths):
    """Random weights; the running statistics are those of the pictures, so that no tap runs away."""
    net = wide_resnet50_2(weights=None)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.2)
    net.train()
    with torch.no_grad():
        net(torch.stack([NORMALISE(crop(p)) for p in paths]))
    return net.eval()


def create(module, net, work):
    model = module.CRAS("cpu")
    model.load(
        backbone=net, layers_to_extract_from=["layer2", "layer3"], device="cpu", input_shape=(3, 288, 288),
        pretrain_embed_dimension=1536, target_embed_dimension=1536, meta_epochs=1, eval_epochs=1, noise=0.25)
    for module in model.discriminator.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.momentum = 0.5
    model.set_model_dir(str(work / "reference"), "")
    model.class_names = PRODUCTS
    return model


def train(model, paths, work):
    for folder in ("results/training", "results/eval"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    before = os.getcwd()
    os.chdir(work)  # it writes into ./results
    each = [reference.loader([item(p) for p in own], 2) for own in paths]
    model.trainer(reference.loader([item(p) for own in paths for p in own], 2), each, [], PRODUCTS, "single")
    os.chdir(before)


def load(model, files):
    """The saved files, as its `tester` loads them."""
    saved = torch.load(files / "ckpt_best_0.pth", map_location="cpu")
    model.discriminator.load_state_dict(saved["discriminator"])
    model.pre_projection.load_state_dict(saved["pre_projection"])
    model.c2 = torch.load(files / "center.pth", map_location="cpu")


class Exact:
    """The same model in float64. Its `_predict` casts pictures to torch.float, which then means float64 too."""

    def __init__(self, model):
        self.model = copy.deepcopy(model).double()
        self.model.c2 = model.c2.double()

    def predict(self, path):
        single = torch.float
        torch.float = torch.double
        try:
            return predict(self.model, path)
        finally:
            torch.float = single


def predict(model, path):
    scores, maps = model._predict(item(path)["image"][None])
    return float(scores[0]), maps[0]


@torch.no_grad()
def look_closer(model, path):
    """The product, and the patches that have two nearest centres that float32 cannot tell apart."""
    unit = torch.nn.functional.normalize
    rows = model.pre_projection(model._embed(item(path)["image"][None], evaluation=True)[0])
    banks = model.c2.reshape(len(PRODUCTS), -1)
    product = int((unit(rows.reshape(1, -1), dim=1) @ unit(banks, dim=1).T).argmax())
    cosines = unit(rows.double(), dim=1) @ unit(model.c2[product].double(), dim=1).T
    first, second = cosines.topk(2, dim=1).values.T
    return PRODUCTS[product], (first - second < TIE).nonzero().flatten().tolist()


class Choices:
    """What the reference's `_predict` takes as the nearest centre of each patch: its own calls of argmax over centres."""

    def __enter__(self):
        self.original, self.found = torch.argmax, []

        def argmax(values, dim):
            answer = self.original(values, dim=dim)
            if dim == 2:
                best = values.topk(2, dim=2).values[0]
                self.found.append((answer[0].tolist(), (best[:, 0] == best[:, 1]).tolist()))
            return answer

        torch.argmax = argmax
        return self

    def __exit__(self, *_):
        torch.argmax = self.original


def tell_ties(model, exact, path, ties, ours):
    """Prints which centre the reference takes for tied patches, as it is and under changes that should not matter."""
    image = item(path)["image"][None]

    def plain(pictures=image):
        with Choices() as choices:
            _, maps = model._predict(pictures)
        return choices.found[0], maps[0]

    def threads():
        torch.set_num_threads(2)
        found = plain()
        torch.set_num_threads(1)
        return found

    def without_onednn():
        with torch.backends.mkldnn.flags(enabled=False):
            return plain()

    def float64():
        with Choices() as choices:
            _, seen = exact.predict(path)
        return choices.found[0], seen

    usual, usual_map = plain()
    print(f"{pathlib.Path(path).name}: patches {ties}, map of ours to the reference {np.abs(ours - usual_map).max():.1e}")
    for what, change in (("as it is", plain), ("two threads", threads), ("without oneDNN", without_onednn),
                         ("twice in a batch", lambda: plain(image.repeat(2, 1, 1, 1))), ("float64", float64)):
        (taken, equal), seen = change()
        others = sum(one != another for one, another in zip(taken, usual[0]))
        print(f"  {what}: centres {[taken[i] for i in ties]}, equal cosines {[equal[i] for i in ties]}, {others} patches "
              f"take another centre than as it is, map to that as it is {np.abs(seen - usual_map).max():.1e}")


def main(path, work):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    work = pathlib.Path(work).resolve()
    module = reference.import_reference(path)
    node("data", work)
    paths = [sorted((work / "data" / p / "train/good").glob("*.png")) for p in PRODUCTS]
    net = make_backbone([p for own in paths for p in own[:2]])
    torch.save(net.state_dict(), work / "backbone.pth")
    model = create(module, net, work)
    train(model, paths, work)
    losses = reference.logged["loss"]
    print(f"{len(losses)} steps, loss {losses[0]:.3f} to {losses[-1]:.3f}")
    for name in ("ckpt_best_0.pth", "center.pth"):
        os.replace(work / "reference" / name, work / name)
    node("import", work)
    compare(model, work)


def compare(model, work):
    report = json.loads((work / "ours.json").read_text())
    session = ort.InferenceSession(str(work / "model.onnx"), providers=["CPUExecutionProvider"])
    load(model, work)
    exact = Exact(model)
    difference = {"through our library": [], "same pixels": [], "reference to itself in float64": []}
    maps = {"same pixels": [], "same pixels, to the reference in float64": [], "reference to itself in float64": []}
    all_scores, right, tied = [], 0, []
    for file, ours in report["ours"].items():
        score, wanted = predict(model, file)
        exact_score, exact_map = exact.predict(file)
        got = dict(zip([o.name for o in session.get_outputs()],
                       session.run(None, {"image": np.asarray(crop(file))[None]})))
        product, ties = look_closer(model, file)
        difference["through our library"].append(ours["score"] - score)
        difference["same pixels"].append(float(got["score"][0]) - score)
        difference["reference to itself in float64"].append(exact_score - score)
        maps["same pixels, to the reference in float64"].append(got["map"][0] - exact_map)
        if ties:
            tied.append(f"{np.abs(got['map'][0] - wanted).max():.1e}")
            tell_ties(model, exact, file, ties, got["map"][0])
        else:
            maps["same pixels"].append(got["map"][0] - wanted)
            maps["reference to itself in float64"].append(exact_map - wanted)
        all_scores.append(score)
        right += ours["product"] == product
    count = len(all_scores)
    print(f"{count} test pictures, scores {min(all_scores):.4f} to {max(all_scores):.4f}")
    for title, found in difference.items():
        print(f"score, {title}: {np.abs(found).max():.1e} at most")
    for title, found in maps.items():
        print(f"map, {title}, {len(found)} pictures: {np.abs(found).max():.1e} at most")
    print(f"map, pictures with a tie between two nearest centres: {tied}")
    print(f"product the same for {right} of {count}")
    print(f"model.onnx: {(work / 'model.onnx').stat().st_size / 1e6:.0f} MB; card: sees {report['card']['sees']}, "
          f"weights: {report['card']['weights']['origin']}")
    # Where two centres are nearly as near, the reference in float32 is decided by rounding: there its float64 counts.
    worst = max(np.abs(difference["same pixels"] + difference["through our library"]).max(),
                np.abs(maps["same pixels, to the reference in float64"]).max())
    assert worst < 1e-4 and right == count


if __name__ == "__main__":
    main(*sys.argv[1:])
