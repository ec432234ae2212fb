"""Refines the masks of masks.py with the public code of RoBiS and a small SAM of formula weights: `$WORK/theirs/refined`.

    python tools/parity/robis/refine.py <checkout of HUST-SLOW/RoBiS> $WORK

Needs torch, torchvision, numpy, scipy, OpenCV, tqdm and Pillow below 13.
"""

import json
import os
import pathlib
import shutil
import sys

os.environ["TQDM_DISABLE"] = "1"
import torch  # noqa: E402

here = pathlib.Path(__file__).resolve().parent
checkout, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
sys.path[:0] = [str(here.parents[1] / "golden"), str(checkout), str(checkout / "third_party_library")]
import sam_reference as judge  # noqa: E402
from models.modules import _SAM_Finer as finer  # noqa: E402

torch.set_num_threads(1)
finer.sam_model_registry = {"vit_h": lambda checkpoint: judge.fill(judge.build(judge.TINY))}
shutil.copytree(work / "theirs/masks", work / "theirs/refined")
names = list(json.loads((here / "settings.json").read_text())["objects"])
finer._samfiner(str(work / "data"), names, str(work / "theirs/refined"), "test_public", "0")
