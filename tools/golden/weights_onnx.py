"""Writes fixtures/weights/*.onnx: tiny models with initialisers of every kind, and what is in them.

    python tools/golden/weights_onnx.py

Needs onnx and numpy from PyPI. The expected values in fixtures/golden/weights-onnx.json are what onnx's own
numpy_helper gives back for the written files, not what was put in.
"""
import datetime
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2] / "fixtures"
OUT = ROOT / "weights"
SEED = 7
TYPES = {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float64",
    TensorProto.FLOAT16: "float16",
    TensorProto.BFLOAT16: "float32",
    TensorProto.INT64: "int64",
    TensorProto.INT32: "int32",
    TensorProto.UINT8: "uint8",
    TensorProto.BOOL: "bool",
}


def initialisers():
    rng = np.random.default_rng(SEED)
    matrix = rng.standard_normal((4, 6)).astype(np.float32)
    return [
        ("float32", TensorProto.FLOAT, matrix),
        ("float64", TensorProto.DOUBLE, rng.standard_normal(3)),
        ("float16", TensorProto.FLOAT16, np.array([0.1, -2.5, 65504, 6e-8, 0, -0.0], np.float16)),
        ("bfloat16", TensorProto.BFLOAT16, np.array([[0.1, -2.5], [3e38, 1e-40]], np.float32)),
        ("int64", TensorProto.INT64, np.array([2**60 + 1, -5, 0])),
        ("int32", TensorProto.INT32, np.array([[-(2**31), 2**31 - 1]], np.int32)),
        ("uint8", TensorProto.UINT8, np.array([0, 7, 255], np.uint8)),
        ("bool", TensorProto.BOOL, np.array([True, False, True])),
        ("scalar", TensorProto.FLOAT, np.array(3.5, np.float32)),
        ("empty", TensorProto.FLOAT, np.zeros((0, 5), np.float32)),
    ]


def raw_tensor(name, kind, values):
    if kind == TensorProto.BFLOAT16:
        typed = helper.make_tensor(name, kind, values.shape, values.ravel().tolist())
        bits = np.array(list(typed.int32_data), np.uint16)
        return helper.make_tensor(name, kind, values.shape, bits.tobytes(), raw=True)
    return helper.make_tensor(name, kind, values.shape, values.tobytes(), raw=True)


def typed_tensor(name, kind, values):
    return helper.make_tensor(name, kind, values.shape, values.ravel().tolist())


def model_of(tensors):
    nodes = [helper.make_node("Add", ["x", "float32"], ["y"], doc_string="passed over " * 20)]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 6])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 6])
    graph = helper.make_graph(nodes, "graph", [x], [y], tensors, doc_string="a graph")
    return helper.make_model(graph, producer_name="onnx", opset_imports=[helper.make_opsetid("", 20)])


def values_of(tensor):
    array = numpy_helper.to_array(tensor)
    kind = tensor.data_type
    if kind == TensorProto.INT64:
        flat = [str(v) for v in array.ravel()]
    elif kind == TensorProto.BOOL:
        flat = [bool(v) for v in array.ravel()]
    else:
        flat = [float(v) for v in array.astype(np.float64).ravel()]
    return {"dtype": TYPES[kind], "shape": list(array.shape), "values": flat}


def main():
    made = {}
    onnx.save(model_of([raw_tensor(*t) for t in initialisers()]), OUT / "raw.onnx")
    onnx.save(model_of([typed_tensor(*t) for t in initialisers()]), OUT / "typed.onnx")
    onnx.save(
        model_of([raw_tensor(*t) for t in initialisers()]),
        OUT / "external.onnx",
        save_as_external_data=True,
        location="external.onnx_data",
        size_threshold=0,
    )
    for name in ["raw.onnx", "typed.onnx", "external.onnx"]:
        model = onnx.load(OUT / name)
        made[name] = {t.name: values_of(t) for t in model.graph.initializer}
    (OUT / "external.onnx_data").chmod(0o644)
    document = {
        "made": {
            "by": "tools/golden/weights_onnx.py",
            "python": sys.version.split()[0],
            "onnx": onnx.__version__,
            "numpy": np.__version__,
            "seed": SEED,
            "day": str(datetime.date.today()),
        },
        "tensors": made,
    }
    text = json.dumps(document, indent=1)
    (ROOT / "golden" / "weights-onnx.json").write_text(text + "\n")


main()
