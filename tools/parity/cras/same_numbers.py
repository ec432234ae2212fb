"""Feeds both sides the same numbers and compares what comes out: features, 20 training steps, finished model.

    python tools/parity/cras/same_numbers.py <path of the reference> <work folder> [sets, joined by commas]

The steps are also taken by the reference in float64: how far rounding alone leads away is the yardstick.
Difference of a tensor = root mean square of the difference over that of its movement in the 20 steps.
"""
import json
import pathlib
import sys

import numpy as np
import onnxruntime as ort
import torch
from exchange import SETTINGS, Set, node, read_tensors, write_tensors

import reference

STEPS = 20
PATCHES = 36 * 36


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def rms(x):
    return float(np.sqrt(np.mean(np.square(np.asarray(x, np.float64)))))


def compare_features(model, pixels, folder):
    node("models.ts", "features", folder)
    ours = session(folder / "features.onnx").run(None, {"image": pixels})[0]
    theirs = reference.embed(model, pixels)
    print(f"features,{len(pixels)} images,rms {rms(ours - theirs) / rms(theirs):.1e} of theirs,"
          f"largest {np.abs(ours - theirs).max() / np.abs(theirs).max():.1e} of the largest")


def reference_steps(module, features, order, units, initial, products, noise, double):
    owner = features["product"]
    model = reference.create(
        module, dimension=SETTINGS["dimension"], noise=noise, epochs=0, products=products, seed=0)
    reference.set_parameters(model, initial)
    rows = features["rows"]
    if double:
        model.double()
        rows, model.c1 = rows.astype(np.float64), model.c1.double()
    reference.look_up(model, rows)
    # Centres by the reference's own trainer, with no epochs. One image a batch, so that all count alike.
    reference.train(
        model, [[reference.item(i, name) for i in np.flatnonzero(owner == p)] for p, name in enumerate(products)], 1)
    batches = [
        {"image": torch.tensor(batch, dtype=torch.float),
         "image_path": [reference.item(i, products[owner[i]])["image_path"] for i in batch]}
        for batch in order
    ]
    drawn = iter(units)
    normal = torch.normal

    def given(mean, deviation, shape):
        unit = torch.from_numpy(next(drawn))
        assert tuple(unit.shape) == tuple(shape) and mean == 0
        return (unit.double() if double else unit) * deviation

    reference.logged.clear()
    torch.normal = given
    try:
        model._train_discriminator(batches, 0, reference.Bar(), "")
    finally:
        torch.normal = normal
    return model, np.array(reference.logged["loss"]), reference.get_parameters(model)


def our_steps(folder, features, order, units, initial):
    run = session(folder / "step.onnx")
    loop = json.loads((folder / "loop.json").read_text())
    outputs = [o.name for o in run.get_outputs()]
    state, losses = dict(initial), []
    for number, (batch, unit) in enumerate(zip(order, units), 1):
        feeds = {
            "rows": features["rows"][batch].reshape(-1, SETTINGS["dimension"]),
            "rowProduct": np.repeat(features["product"][batch], PATCHES).astype(np.int64),
            "rowImage": np.repeat(batch, PATCHES).astype(np.int64),
            "time": np.array(number, np.float32),
            "noise0": unit,
        }
        known = {i.name for i in run.get_inputs()}
        given = {k: v for k, v in {**feeds, **state}.items() if k in known}
        result = dict(zip(outputs, run.run(None, given)))
        losses.append(float(result["loss"]))
        state = {name: result[following] for name, following in loop.items()}
    return np.array(losses), state


def compare_steps(module, folder, features, products, noise):
    random = np.random.default_rng(0)
    count, dimension, batch = len(features["rows"]), SETTINGS["dimension"], SETTINGS["batch"]
    bank = np.stack([features["rows"][features["product"] == p].mean(0, dtype=np.float64)
                     for p in range(len(products))]).astype(np.float32)
    write_tensors(folder, "bank", {"entries": bank})
    node("models.ts", "step", folder)
    initial = read_tensors(folder, "initial")
    order = [random.permutation(count)[:batch] for _ in range(STEPS)]
    units = [random.standard_normal((batch * PATCHES, dimension), np.float32) for _ in range(STEPS)]
    our_losses, ours = our_steps(folder, features, order, units, initial)
    arguments = (module, features, order, units, initial, products, noise)
    model, their_losses, theirs = reference_steps(*arguments, double=False)
    _, exact_losses, exact = reference_steps(*arguments, double=True)
    title = "+".join(products)
    print(f"\nsteps,{title},step,ours,reference,reference in float64,ours - reference")
    for i in range(STEPS):
        print(f"steps,{title},{i + 1},{our_losses[i]:.7f},{their_losses[i]:.7f},{exact_losses[i]:.7f},"
              f"{our_losses[i] - their_losses[i]:+.1e}")
    print(f"\ntensors,{title},name,movement,ours to reference,ours to float64,reference to float64")
    for name in theirs:
        moved = rms(exact[name] - initial[name])
        columns = [rms(a - b) / moved
                   for a, b in ((ours[name], theirs[name]), (ours[name], exact[name]), (theirs[name], exact[name]))]
        print(f"tensors,{title},{name},{moved:.1e}," + ",".join(f"{c:.1e}" for c in columns))
    return model, theirs


def compare_models(model, parameters, folder, features, pixels, products):
    """Trained by the reference, run by both. Our pixels, so the backbone is in it too."""
    centres = model.c2.numpy()
    write_tensors(folder, "tensors", {"bank": centres, **parameters})
    node("models.ts", "score", folder)
    run = session(folder / "score.onnx")
    reference.look_up(model, features)
    scores, maps = reference.predict(model, range(len(features)), 1)
    ours = [dict(zip([o.name for o in run.get_outputs()], run.run(None, {"image": p[None]}))) for p in pixels]
    our_scores = np.array([o["score"][0] for o in ours])
    our_maps = np.stack([o["map"][0] for o in ours])
    print(f"\nmodel,{'+'.join(products)},{len(pixels)} images,score {np.abs(our_scores - scores).max():.1e} at most,"
          f"map {np.abs(our_maps - maps).max():.1e} at most, rms {rms(our_maps - maps):.1e}; "
          f"scores {scores.min():.4f} to {scores.max():.4f}")
    if len(products) > 1:
        with torch.no_grad():
            adapted = model.pre_projection(torch.from_numpy(features)).reshape(len(features), -1)
            similarity = torch.nn.functional.normalize(adapted, dim=1) @ torch.nn.functional.normalize(
                model.c2.reshape(len(products), -1), dim=1).T
        theirs = similarity.argmax(1).numpy()
        found = np.array([o["product"][0] for o in ours])
        print(f"model,{'+'.join(products)},product the same for {(found == theirs).sum()} of {len(found)}")


def main(path, work, wanted):
    torch.set_num_threads(1)
    module = reference.import_reference(path)
    folder = pathlib.Path(work) / "same"
    folder.mkdir(exist_ok=True)
    sets = [Set(work, name) for name in wanted]
    for chosen in [[s] for s in sets[:1]] + ([sets] if len(sets) > 1 else []):
        products = [s.name for s in chosen]
        noise = SETTINGS["noise"][products[0]]
        (folder / "request.json").write_text(json.dumps(
            {"dimension": SETTINGS["dimension"], "noise": noise, "batch": SETTINGS["batch"],
             "products": len(products), "seed": 0}))
        maker = reference.create(
            module, dimension=SETTINGS["dimension"], noise=noise, epochs=0, products=products, seed=0)
        compare_features(maker, np.concatenate([s.pixels[s.test[:4]] for s in chosen]), folder)
        few = 24 // len(chosen)
        features = {
            "rows": np.concatenate([reference.embed(maker, s.pixels[s.train[:few]]) for s in chosen]),
            "product": np.repeat(np.arange(len(chosen)), few),
        }
        model, parameters = compare_steps(module, folder, features, products, noise)
        pixels = np.concatenate([s.pixels[s.test[:: len(s.test) // 6]] for s in chosen])
        compare_models(model, parameters, folder, reference.embed(maker, pixels), pixels, products)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], (sys.argv[3] if len(sys.argv) > 3 else "cookie,ksdd").split(","))
