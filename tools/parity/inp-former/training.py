"""Trains the head of the INP-Former reference for 20 steps: from seeded random weights, from the published start, and
from there with the augmentation of RoBiS.

    python tools/parity/inp-former/training.py <checkout of luow23/INP-Former> <checkout of HUST-SLOW/RoBiS> $WORK

The loop is that of both training scripts: their model, loss, clipping, StableAdamW and schedule, with a warm-up
shorter than the run; a small random encoder. Per way `<way>-<steps>.pth` at the start, after two steps (the first has a
rate of zero) and after all; pictures as PNG; what the augmentation drew, its noise as float32; `training.json`, in it how
far the reference is from itself with each batch in reverse and in float64.
"""

import copy
import json
import pathlib
import random
import sys

import numpy as np
import torch
from PIL import Image
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import inp_former_judge as judge  # noqa: E402
from reference import draw  # noqa: E402

PLAN = {"width": 96, "heads": 3, "depth": 12}
SIDE, BATCH, PICTURES, STEPS, WARMUP = 140, 2, 8, 20, 5
RATE, FINAL_RATE, DECAY, CLIP, COHERENCE, EXPONENT = 1e-3, 1e-4, 1e-4, 0.1, 0.2, 3


class Draws:
    """Stands for `random` and numpy's normal numbers in the augmentation: notes what it draws."""

    def __init__(self):
        self.source, self.numbers = random.Random(7), np.random.default_rng(7)
        self.exposures, self.noise, self.seen = [], [], []

    def random(self):
        value = self.source.random()
        if value <= 0.5:
            self.exposures.append(None)
        return value

    def uniform(self, low, high):
        self.exposures.append(self.source.uniform(low, high))
        return self.exposures[-1]

    def normal(self, mean, deviation, shape):
        self.noise.append(self.numbers.normal(mean, deviation, shape).astype(np.float32))
        return self.noise[-1].astype(np.float64)


def start(reference, way):
    torch.manual_seed(20)
    model = judge.create_small(reference, **PLAN)
    if way == "seeded":
        return model
    for part in (model.bottleneck, model.aggregation, model.decoder):
        for module in part.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.01, a=-0.03, b=0.03)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.LayerNorm):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
    nn.init.normal_(model.prototype_token)
    return model


def trainable(model):
    """All but the encoder, by name."""
    return {name: value for name, value in model.named_parameters() if not name.startswith("encoder.")}


def train(reference, model, batches, keep=lambda step: None):
    """The losses of the batches; the model is changed."""
    own = list(trainable(model).values())
    optimiser = reference.StableAdamW(
        [{"params": own}], lr=RATE, betas=(0.9, 0.999), weight_decay=DECAY, amsgrad=True, eps=1e-10)
    schedule = reference.WarmCosineScheduler(
        optimiser, base_value=RATE, final_value=FINAL_RATE, total_iters=STEPS, warmup_iters=WARMUP)
    losses = []
    model.train()
    for step, images in enumerate(batches, 1):
        encoded, decoded, coherence = model(images)
        loss = reference.global_cosine_hm_adaptive(encoded, decoded, y=EXPONENT) + COHERENCE * coherence
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(own, max_norm=CLIP)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        keep(step)
    return losses


def prepare(robis, files, way, draws):
    """Batches as its loader makes them, and the pixels that the augmentation made."""
    transform, _ = robis.get_data_transforms(SIDE, SIDE, bright_aug=way == "augmented")
    original = robis.adjust_exposure

    def adjust(image, exposure):
        draws.seen.append(np.asarray(original(image, exposure)))
        return Image.fromarray(draws.seen[-1])

    normal, np.random.normal = np.random.normal, draws.normal
    robis.random, robis.adjust_exposure = draws, adjust
    batches = [
        torch.stack([transform(Image.open(files[(step * BATCH + place) % PICTURES]).convert("RGB")) for place in range(BATCH)])
        for step in range(STEPS)
    ]
    np.random.normal, robis.adjust_exposure = normal, original
    return batches


def difference(one, other):
    """Largest difference over the largest value, tensor by tensor of what is trained."""
    there = trainable(other)
    return {
        name: float((value.detach().double() - there[name].detach().double()).abs().max() / value.detach().abs().max())
        for name, value in trainable(one).items()
    }


def against_itself(reference, begun, batches, usual, usual_losses):
    """The same training with the pictures of each batch in reverse, and in float64."""
    found = {}
    for what, change in (("reverse", lambda images: images.flip(0)), ("float64", torch.Tensor.double)):
        model = copy.deepcopy(begun).to(change(batches[0]).dtype)
        losses = train(reference, model, [change(images) for images in batches])
        each = difference(usual, model)
        found[what] = {
            "loss": max(abs(a / b - 1) for a, b in zip(losses, usual_losses)),
            "within 1e-3": sum(value <= 1e-3 for value in each.values()),
            "farthest": dict(sorted(each.items(), key=lambda pair: -pair[1])[:4]),
        }
    return found


def main(checkout, robis_checkout, work):
    torch.set_num_threads(1)
    work = pathlib.Path(work)
    work.mkdir(exist_ok=True)
    reference = judge.load(checkout)
    sys.path.insert(0, str(pathlib.Path(robis_checkout) / "datasets"))
    import mvtec_ad_2 as robis

    source = np.random.default_rng(21)
    files = [work / f"{i}.png" for i in range(PICTURES)]
    for file in files:
        Image.fromarray(draw(source, 300, 260)).save(file)
    report = {"encoder": PLAN, "side": SIDE, "batch": BATCH, "pictures": PICTURES, "steps": STEPS, "warmup": WARMUP,
              "rate": RATE, "finalRate": FINAL_RATE, "ways": {}}
    for way in ("seeded", "published", "augmented"):
        begun = start(reference, way)
        torch.save(begun.state_dict(), work / f"{way}-0.pth")
        draws = Draws()
        batches = prepare(robis, files, way, draws)
        model = copy.deepcopy(begun)

        def keep(step):
            if step in (2, STEPS):
                torch.save(model.state_dict(), work / f"{way}-{step}.pth")

        losses = train(reference, model, batches, keep)
        if draws.noise:
            np.stack(draws.noise).astype("<f4").tofile(work / "noise.f32")
            np.stack(draws.seen).astype("u1").tofile(work / "seen.u8")
        print(way, f"losses {losses[0]:.4f} to {losses[-1]:.4f}", flush=True)
        itself = against_itself(reference, begun, batches, model, losses) if way != "augmented" else {}
        report["ways"][way] = {"losses": losses, "exposures": draws.exposures, "itself": itself}
        print(json.dumps(itself), flush=True)
    (work / "training.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
