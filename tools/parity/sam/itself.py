"""The public code of Segment Anything against itself: what changes when nothing should.

Both boxes in one batch, the decoder in float64, two threads instead of one, plain loops instead of oneDNN, all of it
in float64. Where float64 stands on the other side of 0 than float32, no float32 code can be asked to agree.
"""
import contextlib

import numpy as np
import torch


@torch.no_grad()
def answer(predictor, prompts, batches=None):
    """The embedding, and all four masks of each prompt as logits, IoU and pixels; `batches` are of indices."""
    found = {}
    for batch in batches or [[i] for i in range(len(prompts))]:
        given = place(predictor, [prompts[i] for i in batch])
        parts = [predictor.predict_torch(*given, multimask_output=many) for many in (False, True)]
        joined = [torch.cat(pair, dim=1).numpy() for pair in zip(*parts)]
        found |= {i: [array[row] for array in joined] for row, i in enumerate(batch)}
    masks, iou, logits = (np.stack(rows) for rows in zip(*[found[i] for i in range(len(prompts))]))
    return {"embedding": predictor.features.numpy(), "masks": masks, "iou": iou, "logits": logits}


def place(predictor, prompts):
    """Points, labels and boxes of prompts of one kind, as SamPredictor hands them on."""
    size, transform = predictor.original_size, predictor.transform
    if "box" in prompts[0]:
        boxes = transform.apply_boxes(np.array([p["box"] for p in prompts]), size)
        return None, None, torch.as_tensor(boxes, dtype=torch.float)
    points = np.array([[[at["x"], at["y"]] for at in p["points"]] for p in prompts])
    labels = [[int(at["isForeground"]) for at in p["points"]] for p in prompts]
    placed = torch.as_tensor(transform.apply_coords(points, size), dtype=torch.float)
    return placed, torch.as_tensor(labels, dtype=torch.int), None


def compare_with_itself(predictor, image, prompts, decoders, found, changes):
    """Prints a row per change and kind of weights; `changes` are of CHANGES. Each begins and ends with the usual."""
    embedding = predictor.features
    print("reference against itself", flush=True)
    for change in changes:
        batches = [[0, 1], [2]] if change == "batch" else None
        with CHANGES[change](predictor, image):
            for weights, tensors in decoders.items():
                predictor.model.mask_decoder.load_state_dict(tensors)
                answered = answer(predictor, prompts, batches)
                print(f"{change}, {weights}: {distance(answered, found[weights])}", flush=True)
        predictor.features = embedding


@contextlib.contextmanager
def one_batch(_predictor, _image):
    yield


@contextlib.contextmanager
def two_threads(predictor, image):
    torch.set_num_threads(2)
    predictor.set_image(image)
    yield
    torch.set_num_threads(1)


@contextlib.contextmanager
def without_onednn(predictor, image):
    with torch.backends.mkldnn.flags(enabled=False):
        predictor.set_image(image)
        yield


@contextlib.contextmanager
def double_decoder(predictor, _image):
    with double(predictor.model):
        predictor.features = predictor.features.double()
        yield


@contextlib.contextmanager
def double_all(predictor, image):
    with double(predictor.model):
        predictor.set_image(image)
        yield


CHANGES = {
    "batch": one_batch,
    "float64-decoder": double_decoder,
    "threads": two_threads,
    "onednn": without_onednn,
    "float64": double_all,
}


@contextlib.contextmanager
def double(sam):
    """The model in float64, and with it the float32 that its code asks for by name."""
    single = torch.float, torch.float32
    sam.double()
    torch.float = torch.float32 = torch.double
    try:
        yield
    finally:
        torch.float, torch.float32 = single
        sam.float()


def distance(other, one):
    def worst(name):
        return np.abs(other[name] - one[name]).max()

    relative = {name: worst(name) / np.abs(one[name]).max() for name in ("embedding", "logits")}
    differing = int((other["masks"] != one["masks"]).sum())
    return (f"embedding {relative['embedding']:.1e}, logits {relative['logits']:.1e}, IoU {worst('iou'):.1e}, "
            f"{differing} of {one['masks'].size} pixels differ")
