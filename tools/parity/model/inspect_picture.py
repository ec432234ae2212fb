"""Judges one picture with an Assay model, using onnxruntime, numpy and Pillow and nothing else.

    python inspect_picture.py model.onnx picture.png [map.npy]

Prints product, score, threshold and verdict as JSON, and saves the map in pixels of the picture. What it leaves out is
said in docs/foreign-runtimes.md.
"""
import json
import math
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def open_model(path, product=None):
    """The model's function and its card; with a product, every picture is taken for that one."""
    options = onnxruntime.SessionOptions()
    if product is not None:
        fixed = onnxruntime.OrtValue.ortvalue_from_numpy(np.array([product], np.int64))
        options.add_initializer("product.fixed", fixed)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    card = json.loads(session.get_modelmeta().custom_metadata_map["assay.card"])
    names = [output.name for output in session.get_outputs()]

    def run(pixels):
        return dict(zip(names, session.run(None, {"image": np.ascontiguousarray(pixels[None])})))

    return run, card


def read_picture(path):
    """uint8 [height, width, 3] of an 8-bit picture, turned upright."""
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def resize(pixels, width, height):
    """Antialiased bilinear, across before down: Pillow 13 alone would sometimes go down first."""
    image = Image.fromarray(pixels)
    across = image.resize((width, image.height), Image.Resampling.BILINEAR)
    return np.asarray(across.resize((width, height), Image.Resampling.BILINEAR))


def enlarge(plane, width, height):
    """Bilinear between the centres of pixels, not antialiased: a map in pixels of the picture."""

    def axis(old, new):
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, old - 1), (at - low).astype(np.float32)

    top, bottom, down = axis(plane.shape[0], height)
    left, right, along = axis(plane.shape[1], width)
    rows = plane[top] * (1 - down)[:, None] + plane[bottom] * down[:, None]
    return rows[:, left] * (1 - along) + rows[:, right] * along


def plan_axis(picture, window, settings):
    """Where windows begin along one axis, how long they are, and how much each counts at its pixels."""
    step = max(1, int(window * (1 - settings["overlap"])))
    starts = [i * step for i in range(max(1, math.ceil((picture - window) / step) + 1))]
    length = window
    if settings["edge"] == "shift":
        length = min(window, picture)
        starts = [min(start, picture - length) for start in starts]
    weights = []
    for i, start in enumerate(starts):
        weight = np.ones(length)
        if settings["edge"] == "shift":
            shared_before = 0 if i == 0 else starts[i - 1] + length - start
            shared_after = 0 if i + 1 == len(starts) else start + length - starts[i + 1]
            for shared, side in ((shared_before, weight), (shared_after, weight[::-1])):
                side[:shared] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(shared) + 0.5) / shared) if shared else 1
        weights.append(weight)
    return starts, length, weights


def judge(run, pixels, product, settings):
    """Score, and map in pixels of the picture."""
    height, width, _ = pixels.shape
    if product["window"] is None:
        answer = run(resize(pixels, product["width"], product["height"]))
        return float(answer["score"][0]), enlarge(answer["map"][0], width, height)
    tops, tall, down = plan_axis(height, product["window"]["height"], settings)
    lefts, wide, along = plan_axis(width, product["window"]["width"], settings)
    # Windows may hang over the far edges, filled up with zeros.
    padded = np.zeros((tops[-1] + tall, lefts[-1] + wide, 3), np.uint8)
    padded[:height, :width] = pixels[: padded.shape[0], : padded.shape[1]]
    total, weights, score = np.zeros(padded.shape[:2]), np.zeros(padded.shape[:2]), -math.inf
    for top, vertical in zip(tops, down):
        for left, horizontal in zip(lefts, along):
            part = (slice(top, top + tall), slice(left, left + wide))
            answer = run(resize(padded[part], product["width"], product["height"]))
            score = max(score, float(answer["score"][0]))
            weight = vertical[:, None] * horizontal
            total[part] += weight * enlarge(answer["map"][0], wide, tall)
            weights[part] += weight
    return score, (total / weights)[:height, :width].astype(np.float32)


def main(model, picture, map_file=None):
    run, card = open_model(model)
    settings = card["recipe"]["input"]
    pixels = read_picture(picture)
    products, index = card["products"], 0
    if settings["fit"] not in ("whole", "tiles"):
        sys.exit(f"this example does not know how \"{settings['fit']}\" cuts a picture")
    if len(products) > 1:
        first = products[0]
        side = card["view"]
        width, height = (first["width"], first["height"]) if side is None else (side, side)
        index = int(run(resize(pixels, width, height))["product"][0])
        if products[index]["window"] is not None:
            run, card = open_model(model, index)
    product = products[index]
    score, plane = judge(run, pixels, product, settings)
    threshold, scale = product["image"]["threshold"], product["image"]["scale"]
    unsure = product["unsure"]
    verdict = "defect" if score > threshold else "unsure" if unsure is not None and score > unsure else "good"
    if map_file is not None:
        np.save(map_file, plane)
    answer = {
        "product": product["name"],
        "score": score,
        "calibrated": 1 / (1 + math.exp(-(score - threshold) / scale)),
        "threshold": threshold,
        "verdict": verdict,
        # Where the map is above the threshold for pixels.
        "anomalous": float((plane > product["pixel"]["threshold"]).mean()),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
