"""Golden values for core/dataset/submission: archives by Python's tarfile.

Run: python tools/golden/submission.py    (Python alone)
Each archive holds files of text under one folder, in the order of their paths, all owned by nobody and
dated 1970, in tarfile's default format (pax).
"""

import base64
import datetime
import gzip
import io
import json
import pathlib
import platform
import tarfile

ARCHIVES = [
    ("results", {"a/empty.png": "", "a/one.tiff": "x", "b/c/block.tiff": "y" * 512, "b/more.tiff": "z" * 513}),
    # 100 bytes are the most that a plain header has room for.
    ("r" * 88, {"a/100.tiff": "fits", "a/1001.tiff": "does not"}),
    ("prüfung-検査", {"a/000_mixed.png": "not ASCII"}),
    # The length of the pax record grows by a digit because of its own digits.
    ("long-" + "n" * 76, {"a/000_regular.tiff": "99 digits"}),
    ("many", {f"a/{i:03}_regular.tiff": str(i) for i in range(12)}),
]

archives = []
for folder, files in ARCHIVES:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(files):
            content = files[path].encode()
            info = tarfile.TarInfo(f"{folder}/{path}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    packed = base64.b64encode(gzip.compress(buffer.getvalue(), mtime=0)).decode()
    archives.append({"folder": folder, "files": files, "tarGz": packed})

made = {
    "by": "tools/golden/submission.py",
    "day": datetime.date.today().isoformat(),
    "python": platform.python_version(),
}
lines = ",\n".join("  " + json.dumps(archive, ensure_ascii=False) for archive in archives)
path = pathlib.Path(__file__).parents[2] / "fixtures" / "golden" / "submission.json"
path.write_text('{\n "made": ' + json.dumps(made) + ',\n "archives": [\n' + lines + "\n ]\n}\n")
