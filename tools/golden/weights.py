"""Writes fixtures/weights: tiny checkpoints saved by PyTorch, hostile ones, and what is in them.

    python tools/golden/weights.py

Needs torch and safetensors from PyPI. The expected values are what torch.load gives back for each file,
not what was put in. Hostile pickles only ever name functions; this script never loads them.
"""
import collections
import datetime
import io
import json
import os
import pathlib
import pickle
import re
import sys
import zipfile

import safetensors
import safetensors.torch
import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "weights"
SEED = 7


def every_kind():
    """One tensor of each element type and each way to lie in a storage."""
    g = torch.Generator().manual_seed(SEED)
    base = torch.randn(4, 6, generator=g)
    shared = torch.arange(24, dtype=torch.float32) / 8
    d = collections.OrderedDict()
    d["float32"] = base
    d["float64"] = torch.randn(3, generator=g, dtype=torch.float64)
    d["float16"] = torch.tensor([0.1, -2.5, 65504.0, 6e-8, 0.0, -0.0]).half()
    d["bfloat16"] = torch.tensor([[0.1, -2.5], [3e38, 1e-40]]).bfloat16()
    d["int64"] = torch.tensor([2**60 + 1, -5, 0])
    d["int32"] = torch.tensor([[-(2**31), 2**31 - 1]], dtype=torch.int32)
    d["uint8"] = torch.tensor([0, 7, 255], dtype=torch.uint8)
    d["bool"] = torch.tensor([True, False, True])
    d["scalar"] = torch.tensor(3.5)
    d["empty"] = torch.zeros(0, 5)
    d["parameter"] = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    d["transposed"] = base.t()
    d["strided"] = base[1::2, ::3]
    d["expanded"] = torch.tensor([[1.0], [2.0]]).expand(2, 3)
    d["shared.first"] = shared[:6].view(2, 3)
    d["shared.second"] = shared[4:16].view(3, 4)[:, 1:3]
    d["channels_last"] = torch.randn(2, 3, 2, 2, generator=g).to(memory_format=torch.channels_last)
    return d


def nested():
    """A training checkpoint: state_dicts of a module and an optimiser, numbers and text between them."""
    torch.manual_seed(SEED)
    net = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(1, 2, 3), norm=torch.nn.BatchNorm2d(2)))
    opt = torch.optim.Adam(net.parameters(), lr=0.5)
    net(torch.randn(2, 1, 4, 4)).square().sum().backward()
    opt.step()
    return {
        "epoch": 3,
        "best": 0.25,
        "big": 2**40,
        "huge": 2**70,
        "note": "première",
        "flags": (True, None, [1, 2]),
        "state_dict": net.state_dict(),
        "optimizer": opt.state_dict(),
        "pair": [torch.tensor([1.0]), torch.tensor([2.0])],
    }


def zip_of(pkl, name="archive", extra=()):
    """A PyTorch-like archive around any pickle."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo(f"{name}/data.pkl"), pkl)
        z.writestr(zipfile.ZipInfo(f"{name}/version"), "3\n")
        for path, data in extra:
            z.writestr(zipfile.ZipInfo(f"{name}/{path}"), data)
    return out.getvalue()


class Calls:
    """Pickles to a call of `function(*args)`, by name."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def legacy_of(obj):
    """The stream form around any object, without storages."""
    system = dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4))
    return b"".join(pickle.dumps(o, 2) for o in (0x1950A86A20F9469CFC6C, 1001, system, obj, []))


def repack(data, method):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as src, zipfile.ZipFile(out, "w", method) as dst:
        for i in src.infolist():
            dst.writestr(zipfile.ZipInfo(i.filename), src.read(i), compress_type=method)
    return out.getvalue()


def saved(obj, **kw):
    out = io.BytesIO()
    torch.save(obj, out, **kw)
    return out.getvalue()


def flatten(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name, value.detach()
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from flatten(v, f"{name}.{k}" if name else str(k))
    elif isinstance(value, (list, tuple)):
        for i, v in enumerate(value):
            yield from flatten(v, f"{name}.{i}" if name else str(i))


def described(t):
    dtype = str(t.dtype).removeprefix("torch.")
    values = t.float() if t.dtype == torch.bfloat16 else t
    flat = values.double().flatten().tolist() if values.is_floating_point() else values.flatten().tolist()
    return {
        "dtype": "float32" if dtype == "bfloat16" else dtype,
        "shape": list(t.shape),
        # int64 as text: JSON readers round beyond 2^53
        "values": [str(v) for v in flat] if dtype == "int64" else flat,
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    good = {
        "zip.pt": saved(every_kind()),
        "zip-protocol4.pt": saved(every_kind(), pickle_protocol=4),
        "legacy.pth": saved(every_kind(), _use_new_zipfile_serialization=False),
        "nested.pt": saved(nested()),
        "nested-legacy.pth": saved(nested(), _use_new_zipfile_serialization=False),
        "one-tensor.pt": saved(torch.arange(4.0)),
    }
    good["deflated.pt"] = repack(good["zip.pt"], zipfile.ZIP_DEFLATED)
    expected = {}
    for name, data in good.items():
        (OUT / name).write_bytes(data)
        # Our own files from a moment ago; weights_only does not know protocol 4.
        back = torch.load(OUT / name, map_location="cpu", weights_only=False)
        expected[name] = {k: described(t) for k, t in flatten(back)}

    plain = {k: v.clone().contiguous() for k, v in every_kind().items()}
    about = {"licence": "none", "made by": "weights.py"}
    (OUT / "plain.safetensors").write_bytes(safetensors.torch.save(plain, about))
    back = safetensors.torch.load_file(OUT / "plain.safetensors")
    expected["plain.safetensors"] = {k: described(t) for k, t in back.items()}

    laughs = [0] * 10
    for _ in range(12):
        laughs = [laughs] * 10
    ring = []
    ring.append(ring)
    small = torch.nn.Linear(1, 1)
    refused = {
        "os-system.pt": (zip_of(pickle.dumps({"w": Calls(os.system, "echo pwned")}, 2)), "posix.system"),
        "eval-legacy.pth": (legacy_of({"w": Calls(eval, "1 + 1")}), "__builtin__.eval"),
        "eval-protocol4.pt": (zip_of(pickle.dumps([Calls(eval, "1 + 1")], 4)), "builtins.eval"),
        "mentioned-only.pkl": (pickle.dumps(os.system, 2), "posix.system"),
        "getattr.pt": (zip_of(pickle.dumps(Calls(getattr, "text", "upper"), 2)), "__builtin__.getattr"),
        "module.pt": (saved(small), "torch.nn.modules.linear.Linear"),
        "sparse.pt": (saved(torch.eye(2).to_sparse()), "torch._utils._rebuild_sparse_tensor"),
        "old-class.pt": (zip_of(b"(X\x01\x00\x00\x00aios\nsystem\n."), "os.system(...)"),
        "storage-called.pt": (zip_of(b"ctorch\nFloatStorage\nK\x05\x85R."), "torch.FloatStorage(...)"),
    }
    unreadable = {
        "laughs.pt": (zip_of(pickle.dumps(laughs, 2)), "more than 1000000 values"),
        "ring.pt": (zip_of(pickle.dumps(ring, 2)), "nested deeper"),
        "big-endian.pt": (zip_of(pickle.dumps({}, 2), extra=[("byteorder", "big")]), "byte order"),
        "plain.pkl": (pickle.dumps({"a": 1}, 2), "not one that torch.save wrote"),
    }
    for name, (data, _) in {**refused, **unreadable}.items():
        (OUT / name).write_bytes(data)

    report = {
        "made": {
            "by": "tools/golden/weights.py",
            "day": datetime.date.today().isoformat(),
            "seed": SEED,
            "python": sys.version.split()[0],
            "torch": torch.__version__,
            "safetensors": safetensors.__version__,
        },
        "tensors": expected,
        "refused": {k: asked for k, (_, asked) in refused.items()},
        "unreadable": {k: reason for k, (_, reason) in unreadable.items()},
    }
    text = json.dumps(report, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda m: re.sub(r"\s+", " ", m[0]), text)  # lists of numbers on one line
    (OUT / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
