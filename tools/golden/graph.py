"""Golden values for packages/graph, from PyTorch in float64: fixtures/golden/graph.json.

Usage: python tools/golden/graph.py path/to/INP-Former

Needs torch, numpy and onnx, and a checkout of github.com/luow23/INP-Former for its StableAdamW. Every case holds
inputs, weights, outputs, and the gradients of sum(weights * outputs) with respect to the inputs. The ONNX file is
one that we did not write: its numbers lie in typed fields instead of raw bytes.
"""

import base64
import datetime
import json
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F

SEED = 20
rng = np.random.default_rng(SEED)
cases = {}


def numbers(*shape, low=-2.0, high=2.0):
    """Multiples of 1/64: exact in float32 too."""
    return np.round(rng.uniform(low, high, shape) * 64) / 64


def plain(array):
    array = np.asarray(array, dtype=np.float64)
    return {"shape": list(array.shape), "data": [float(f"{v:.12g}") for v in array.ravel()]}


def case(name, inputs, function):
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    outputs = function(*tensors)
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    weights = [numbers(*y.shape) for y in outputs]
    loss = sum((y * torch.tensor(w)).sum() for y, w in zip(outputs, weights) if y.requires_grad)
    loss.backward()
    cases[name] = {
        "inputs": [plain(x) for x in inputs],
        "weights": [plain(w) for w in weights],
        "outputs": [plain(y.detach().numpy()) for y in outputs],
        "gradients": [None if t.grad is None else plain(t.grad.numpy()) for t in tensors],
    }


image = numbers(1, 2, 4, 5)
for mode, torch_mode, align in [
    ("linear half-pixel", "bilinear", False),
    ("linear align-corners", "bilinear", True),
    ("cubic half-pixel", "bicubic", False),
    ("cubic align-corners", "bicubic", True),
    ("nearest asymmetric", "nearest", None),
    ("nearest half-pixel", "nearest-exact", None),
]:
    for size in [(7, 3), (8, 10)]:
        case(
            f"resize {mode} to {size[0]}x{size[1]}",
            [image],
            lambda x: F.interpolate(x, size=size, mode=torch_mode, align_corners=align),
        )
case("resize linear half-pixel by 1.7", [image], lambda x: F.interpolate(x, scale_factor=1.7, mode="bilinear"))

ties = np.round(rng.uniform(0, 2, (1, 1, 5, 5)))
case("max pool with ties", [ties], lambda x: F.max_pool2d(x, 3, stride=2, padding=1))
case("max with ties", [ties], lambda x: x.amax(dim=(2, 3)))
case("min with ties", [ties], lambda x: x.amin(dim=3))
case("maximum with ties", [ties, np.round(rng.uniform(0, 2, (1, 1, 1, 5)))], torch.maximum)
case("average pool over the edge", [image], lambda x: F.avg_pool2d(x, 3, stride=2, padding=1))
case(
    "average pool within the edge",
    [image],
    lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False),
)
case("adaptive average pool to 3x2", [image], lambda x: F.adaptive_avg_pool2d(x, (3, 2)))
case("adaptive average pool to 6x5", [image], lambda x: F.adaptive_avg_pool2d(x, (6, 5)))
case("pad by reflection", [image], lambda x: F.pad(x, (2, 3, 1, 2), mode="reflect"))
case("pad with the edge", [image], lambda x: F.pad(x, (2, 3, 1, 2), mode="replicate"))

for name, options, x, w in [
    ("plain", {}, (2, 2, 5, 4), (3, 2, 3, 2)),
    ("strided", {"stride": 2}, (1, 2, 6, 7), (2, 2, 3, 2)),
    ("padded", {"padding": (2, 1)}, (1, 2, 4, 4), (2, 2, 3, 3)),
    ("dilated", {"dilation": (2, 3)}, (1, 1, 6, 7), (2, 1, 3, 2)),
    ("grouped", {"groups": 2}, (1, 4, 3, 4), (4, 2, 2, 3)),
    ("depthwise", {"groups": 3, "stride": 2, "padding": 1}, (2, 3, 5, 4), (3, 1, 3, 3)),
    ("all", {"groups": 2, "stride": (2, 3), "padding": (2, 1), "dilation": (2, 1)}, (1, 4, 6, 7), (2, 2, 3, 2)),
]:
    case(
        f"conv {name}",
        [numbers(*x), numbers(*w), numbers(w[0])],
        lambda x, w, b: F.conv2d(x, w, b, **options),
    )
case(
    "conv transpose",
    [numbers(1, 4, 3, 3), numbers(4, 1, 3, 2), numbers(2)],
    lambda x, w, b: F.conv_transpose2d(x, w, b, stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=2, dilation=(1, 2)),
)


def batch_norm(x, scale, bias, mean, variance):
    """Two batches, so that the running statistics move twice."""
    mean, variance = mean.detach().clone(), variance.detach().clone()
    first = F.batch_norm(x[:3], mean, variance, scale, bias, training=True, momentum=0.1, eps=1e-5)
    second = F.batch_norm(x[3:], mean, variance, scale, bias, training=True, momentum=0.1, eps=1e-5)
    return first, second, mean, variance


statistics = [numbers(3), numbers(3), numbers(3), numbers(3, low=0.5, high=2)]
case("batch norm training of images", [numbers(6, 3, 2, 2), *statistics], batch_norm)
case("batch norm training of rows", [numbers(6, 3), *statistics], batch_norm)
case(
    "batch norm inference",
    [numbers(2, 3, 2, 2), *statistics],
    lambda x, s, b, m, v: F.batch_norm(x, m.detach(), v.detach(), s, b, training=False, eps=1e-3),
)
case("layer norm", [numbers(2, 3, 4), numbers(4), numbers(4)], lambda x, s, b: F.layer_norm(x, (4,), s, b, eps=1e-6))

row = numbers(3, 4)
case("gelu", [numbers(9, low=-6, high=6)], F.gelu)
case("softplus", [numbers(9, low=-30, high=30)], F.softplus)
case("softmax", [row], lambda x: F.softmax(x, dim=-1))
case("log softmax", [row], lambda x: F.log_softmax(x, dim=0))
case("normalise", [row], lambda x: F.normalize(x, dim=1))
case("cosine similarity", [row, numbers(3, 4)], lambda a, b: F.cosine_similarity(a, b, dim=1))
case("flattened cosine similarity", [row, numbers(3, 4)], lambda a, b: F.cosine_similarity(a.flatten(), b.flatten(), dim=0))
case("top 2", [row], lambda x: torch.topk(x, 2, dim=1))
case("smallest 3 of a column", [numbers(5, 2)], lambda x: torch.topk(x, 3, dim=0, largest=False))
case("clip", [np.array([-3.0, -1.0, -0.5, 0.0, 1.5, 2.0, 2.5])], lambda x: torch.clamp(x, -1, 2))
case("leaky relu", [np.array([-2.0, -0.5, 0.0, 0.5, 2.0])], lambda x: F.leaky_relu(x, 0.2))
case("abs and relu at zero", [np.array([-2.0, 0.0, 3.0])], lambda x: (x.abs(), F.relu(x)))
case("norm of rows, one of them zero", [np.array([[3.0, 4.0], [0.0, 0.0]])], lambda x: torch.linalg.vector_norm(x, dim=1))
case(
    "attention",
    [numbers(2, 3, 4), numbers(2, 5, 4), numbers(2, 5, 4)],
    lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
)
case(
    "binary cross entropy with logits",
    [numbers(8, low=-8, high=8)],
    lambda x: F.binary_cross_entropy_with_logits(x, torch.tensor([0, 1] * 4, dtype=torch.float64)),
)

inp_former = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(inp_former / "optimizers"))
from StableAdamW import StableAdamW  # noqa: E402

shapes = [(2, 3), (3,)]
start = [numbers(*s) for s in shapes]
# The last gradient is much larger than those before: there the update is limited.
gradients = [[numbers(*s) * (20 if step == 4 else 1) for s in shapes] for step in range(6)]
rates = [0.01, 0.02, 0.03, 0.02, 0.01, 0.005]


def optimise(make, max_norm=None):
    parameters = [torch.nn.Parameter(torch.tensor(p, dtype=torch.float64)) for p in start]
    optimiser = make(parameters)
    path = []
    for rate, now in zip(rates, gradients):
        optimiser.param_groups[0]["lr"] = rate
        for parameter, gradient in zip(parameters, now):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(parameters, max_norm)
        optimiser.step()
        path.append([plain(p.detach().numpy()) for p in parameters])
    return path


optimisers = {
    "adam": optimise(lambda p: torch.optim.Adam(p)),
    "adam with L2": optimise(lambda p: torch.optim.Adam(p, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1)),
    "adamW": optimise(lambda p: torch.optim.AdamW(p)),
    "adamW with decay and clipping": optimise(lambda p: torch.optim.AdamW(p, weight_decay=0.5), max_norm=1.5),
    "stableAdamW": optimise(lambda p: StableAdamW(p)),
    "stableAdamW of INP-Former": optimise(
        lambda p: StableAdamW(p, betas=(0.9, 0.999), weight_decay=1e-4, amsgrad=True, eps=1e-10), max_norm=0.1
    ),
    "stableAdamW with a low threshold": optimise(lambda p: StableAdamW(p, amsgrad=True, clip_threshold=0.3)),
}

kinds = onnx.TensorProto
node = onnx.helper.make_node(
    "Custom", ["x", "", "float32"], ["y"], domain="some.domain", name="node",
    alpha=0.5, axis=-1, mode="linear", axes=[0, 2], scales=[1.0, 0.25], names=["a", "b"],
    value=onnx.helper.make_tensor("value", kinds.INT64, [], [7]),
)  # fmt: skip
file = onnx.helper.make_model(
    onnx.helper.make_graph(
        [node],
        "made by Python",
        [onnx.helper.make_tensor_value_info("x", kinds.FLOAT, ["n", 3, None])],
        [onnx.helper.make_tensor_value_info("y", kinds.FLOAT, None)],
        [
            onnx.helper.make_tensor("float32", kinds.FLOAT, [2, 2], [1.5, -2, 0, 4]),
            onnx.helper.make_tensor("float64", kinds.DOUBLE, [1], [0.1]),
            onnx.helper.make_tensor("float16", kinds.FLOAT16, [2], np.array([1.5, -2], dtype=np.float16)),
            onnx.helper.make_tensor("int64", kinds.INT64, [2], [-(2**40), 5]),
            onnx.helper.make_tensor("int32", kinds.INT32, [2], [-5, 6]),
            onnx.helper.make_tensor("uint8", kinds.UINT8, [2], [255, 0]),
            onnx.helper.make_tensor("bool", kinds.BOOL, [2], [True, False]),
        ],
    ),
    opset_imports=[onnx.helper.make_opsetid("some.domain", 1), onnx.helper.make_opsetid("", 17)],
    producer_name="onnx-example",
)
onnx.helper.set_model_props(file, {"key": "value"})

commit = subprocess.run(["git", "-C", inp_former, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
out = pathlib.Path(__file__).parents[2] / "fixtures/golden/graph.json"
out.write_text(
    "{\n"
    + f'"made": {json.dumps({"by": "tools/golden/graph.py", "torch": torch.__version__, "onnx": onnx.__version__, "numpy": np.__version__, "INP-Former": commit or "unknown", "seed": SEED, "day": datetime.date.today().isoformat()})},\n'
    + '"cases": {\n'
    + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in cases.items())
    + '\n},\n"optimisation": '
    + json.dumps({"start": [plain(p) for p in start], "rates": rates, "gradients": [[plain(x) for x in now] for now in gradients]})
    + ',\n"optimisers": {\n'
    + ",\n".join(f"{json.dumps(name)}: {json.dumps(path)}" for name, path in optimisers.items())
    + '\n},\n"file": '
    + json.dumps(base64.b64encode(file.SerializeToString()).decode())
    + "\n}\n"
)
print(f"wrote {out} with {len(cases)} cases and {len(optimisers)} optimisers")
