"""Formula weights whose mask decoder is trained until its masks are smooth blobs with clear borders, as real ones are.

The image encoder stays as it is, so that one embedding serves; Adam teaches the decoder the picture's prompts. What is
wanted of a prompt is the ellipse that fills its box (a disc around a lone point), and for the three masks of one
prompt the ellipse, three quarters of it and half of it.
"""
import torch
import torch.nn.functional as F

STEPS = 60
RATE = 1e-3
SHARES = [1.0, 1.0, 0.75, 0.5]  # of the ellipse's axes, mask by mask
POINT_REACH = 200  # pixels


def fit(sam, predictor, prompts):
    """Trains `sam.mask_decoder` in place on the picture that the predictor has seen; gives the last loss."""
    torch.manual_seed(0)
    encoded = [encode(sam, predictor, prompt) for prompt in prompts]
    wanted = torch.stack([draw(predictor, prompt) for prompt in prompts])
    positions = sam.prompt_encoder.get_dense_pe()
    optimiser = torch.optim.Adam(sam.mask_decoder.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for step in range(STEPS):
        logits = torch.cat(
            [sam.mask_decoder.predict_masks(predictor.features, positions, *pair)[0] for pair in encoded])
        loss = F.binary_cross_entropy_with_logits(logits, wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 20 == 0:
            print(f"step {step}, loss {loss.item():.4f}", flush=True)
    return loss.item()


@torch.no_grad()
def encode(sam, predictor, prompt):
    """What the prompt encoder makes of one prompt, as SamPredictor hands it over."""
    size = predictor.original_size
    points = [[p["x"], p["y"]] for p in prompt.get("points", [])]
    labels = [int(p["isForeground"]) for p in prompt.get("points", [])]
    pair = None
    if points:
        placed = predictor.transform.apply_coords_torch(torch.tensor(points, dtype=torch.float), size)
        pair = placed[None], torch.tensor(labels)[None]
    box = None
    if "box" in prompt:
        box = predictor.transform.apply_boxes_torch(torch.tensor([prompt["box"]], dtype=torch.float), size)
    return sam.prompt_encoder(points=pair, boxes=box, masks=None)


def draw(predictor, prompt):
    """`[4, low, low]`, 1 within the ellipse of each mask."""
    height, width = predictor.original_size
    low = predictor.model.image_encoder.img_size // 4
    step = max(height, width) / low
    y, x = torch.meshgrid(*[(torch.arange(low) + 0.5) * step] * 2, indexing="ij")
    if "box" in prompt:
        left, top, right, bottom = prompt["box"]
    else:
        at = prompt["points"][0]
        left, right = at["x"] - POINT_REACH, at["x"] + POINT_REACH
        top, bottom = at["y"] - POINT_REACH, at["y"] + POINT_REACH
    far = torch.hypot((2 * x - left - right) / (right - left), (2 * y - top - bottom) / (bottom - top))
    return torch.stack([(far < share).float() for share in SHARES])
