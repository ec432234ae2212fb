"""Binarises the maps `planted` of reference.py with the public code of RoBiS: `$WORK/theirs/masks`.

    python tools/parity/robis/masks.py <checkout of HUST-SLOW/RoBiS> $WORK

Needs numpy 1, for which the reference was written; numpy 2 computes other thresholds.
"""

import json
import os
import pathlib
import sys

os.environ["TQDM_DISABLE"] = "1"
import numpy as np  # noqa: E402

assert np.__version__.startswith("1."), "numpy 2 computes other thresholds"
checkout, work = sys.argv[1], pathlib.Path(sys.argv[2])
sys.path.insert(0, checkout)
from models.modules._binarization import mvtec_bin  # noqa: E402

settings = json.loads((pathlib.Path(__file__).parent / "settings.json").read_text())
mvtec_bin(
    {
        "save": {"amap_savedir": str(work / "theirs/planted"), "bin_savedir": str(work / "theirs/masks")},
        "dataset": {"mvtecad2_class_list": list(settings["objects"]), "test_type": "test_public"},
    }
)
