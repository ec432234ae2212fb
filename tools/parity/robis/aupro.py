"""AU-PRO of the reference under numpy 1, on what its evaluation in compare.py had in hand, beside ours.

    python tools/parity/robis/aupro.py <checkout of HUST-SLOW/RoBiS> $WORK

Needs numpy 1 with scikit-learn, scikit-image, pandas, Pillow and tqdm; torch is not used in this function.
"""

import json
import pathlib
import sys
import types

import numpy as np

assert np.__version__.startswith("1."), "numpy 2 compares thresholds in another precision"
checkout, work = sys.argv[1], pathlib.Path(sys.argv[2])
for name in ["torch", "torch.nn", "torch.nn.functional", "torch.backends", "torch.backends.cudnn", "tqdm"]:
    sys.modules[name] = types.ModuleType(name)
sys.modules["torch.nn"].functional = sys.modules["torch.nn.functional"]
sys.modules["tqdm"].tqdm = iter
sys.path.insert(0, checkout)
from utils.eval import compute_pro  # noqa: E402

evaluation = json.loads((work / "ours/evaluation.json").read_text())
for name, path in zip(sorted(evaluation), sorted((work / "theirs").glob("evaluation-*.npz")), strict=True):
    arrays = np.load(path)
    theirs = compute_pro(arrays["masks"], arrays["maps"], 200)
    print(f"evaluate {name}: P-AUPRO {theirs:.6f}, ours differs by {abs(theirs - evaluation[name]['robis']['aupro']):.1e}")
