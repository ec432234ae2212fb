"""Compares our submissions to MVTec AD 2 with the official checker, tifffile, Pillow and tarfile.

Run: python tools/parity/submission/judge.py $UTILS $WORK    (see README.md)
"""

import argparse
import gzip
import importlib.util
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import types

import numpy as np
import tifffile
from PIL import Image

parser = argparse.ArgumentParser()
parser.add_argument("utils", type=pathlib.Path, help="folder of check_and_prepare_data_for_upload.py")
parser.add_argument("work", type=pathlib.Path, help="an empty folder")
arguments = parser.parse_args()

# A progress bar is all that is wanted of it.
if importlib.util.find_spec("tqdm") is None:
    sys.modules["tqdm"] = types.SimpleNamespace(tqdm=lambda items, **_: items)
sys.path.insert(0, str(arguments.utils))
import check_and_prepare_data_for_upload as official  # noqa: E402
import utils as official_utils  # noqa: E402

official_utils.logger.setLevel("ERROR")
OURS = pathlib.Path(__file__).with_name("submission.ts")
work = arguments.work
results = work / "results"
differences = 0


def ours(*words):
    run = subprocess.run(["npx", "node", OURS, *words], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def is_refused(check, *words):
    """By the official code: anything it throws, as its user would see it."""
    try:
        check(*words)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {str(error).splitlines()[0][:60]}"
    return ""


def report(what, is_same, more="", stricter=False):
    global differences
    differences += not is_same and not stricter
    print("same     " if is_same else "stricter " if stricter else "DIFFERENT", what, more)


# 1. What we write.
ours("make", results)
maps, masks = results / "anomaly_images", results / "anomaly_images_thresholded"
wrong, image, special = 0, 0, [0, 0]
for name, count in official_utils.OBJECT_FILE_COUNTER.items():
    for split, light in (("test_private", "regular"), ("test_private_mixed", "mixed")):
        for i in range(count):
            n = (7919 * np.arange(63) + 104729 * (image + 1)) % 10007
            values = ((n / 10007 - 0.25) * 2.0 ** (n % 45 - 27)).astype(np.float32).reshape(7, 9)
            with np.errstate(over="ignore"):
                want = values.astype(np.float16)
            tiff = tifffile.imread(maps / name / split / f"{i:03}_{light}.tiff")
            png = np.asarray(Image.open(masks / name / split / f"{i:03}_{light}.png"))
            wrong += tiff.dtype != np.float16 or not np.array_equal(tiff.view(np.uint16), want.view(np.uint16))
            wrong += png.dtype != np.uint8 or not np.array_equal(png, np.where(values > 1, 255, 0))
            special[0] += np.isinf(want).sum()
            special[1] += ((want != 0) & (np.abs(want) < 2.0**-14)).sum()
            image += 1
report(f"{image} maps by tifffile to the bit and {image} masks by Pillow", wrong == 0, f"({special[0]} values infinite, {special[1]} subnormal)")
refusal = is_refused(official.check_submission, str(results))
(found,) = ours("check", results)
report("the official checker passes the whole submission, ours too", not refusal and not found["faults"], f"({found['files']} files)")

# 2. The archive.
archive = work / "ours.tar.gz"
ours("pack", results, archive)
with tarfile.open(archive) as tar:
    members = {member.name: member for member in tar}
    files = {f"results/{path.relative_to(results).as_posix()}": path for path in results.rglob("*") if path.is_file()}
    equal = all(tar.extractfile(member).read() == files[name].read_bytes() for name, member in members.items())
    report("tarfile reads the archive: names and bytes of the folder, files only", equal and members.keys() == files.keys())
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w") as tar:
    for name in sorted(files):
        info = tarfile.TarInfo(name)
        info.size = files[name].stat().st_size
        tar.addfile(info, io.BytesIO(files[name].read_bytes()))
report("the tar is tarfile's to the byte", gzip.decompress(archive.read_bytes()) == buffer.getvalue())

# 3. Content: each file judged on its own by both.
content = work / "content"
content.mkdir()
half = np.linspace(0, 1, 35, dtype=np.float16).reshape(5, 7)
mask = np.where(half > 0.5, 255, 0).astype(np.uint8)


def tiff(name, array, **options):
    tifffile.imwrite(content / f"{name}.tiff", array, **options)


def png(name, picture, **options):
    picture.save(content / f"{name}.png", **options)


tiff("half", half)
tiff("half-big-endian", half, byteorder=">")
tiff("half-strips", half, rowsperstrip=2)
tiff("half-deflated", half, compression="deflate")
tiff("half-tiles", np.zeros((32, 32), np.float16), tile=(16, 16))
tiff("half-not-finite", np.array([[np.inf, np.nan]], np.float16))
tiff("float", half.astype(np.float32))
tiff("double", half.astype(np.float64))
tiff("bytes", mask)
tiff("words", mask.astype(np.uint16))
tiff("three-channels", np.stack([half] * 3, 2), photometric="rgb")
tiff("three-planes", np.stack([half] * 3), photometric="minisblack", planarconfig="separate")
tiff("pages", np.stack([half] * 3), photometric="minisblack")
tiff("deflated-float", half.astype(np.float32), compression="deflate")
(content / "cut.tiff").write_bytes((content / "half.tiff").read_bytes()[:-20])
(content / "empty.tiff").write_bytes(b"")
(content / "text.tiff").write_bytes(b"not a picture")
png("mask", Image.fromarray(mask))
png("mask-white", Image.fromarray(np.full_like(mask, 255)))
png("mask-0-1", Image.fromarray(mask // 255))
png("mask-0-254-255", Image.fromarray(np.where(half == 1, 254, mask).astype(np.uint8)))
png("mask-transparent-colour", Image.fromarray(mask), transparency=0)
png("mask-colour", Image.fromarray(np.stack([mask] * 3, 2)))
png("mask-alpha", Image.fromarray(mask).convert("LA"))
png("mask-1-bit", Image.fromarray(mask).convert("1"))
png("mask-1-bit-black", Image.fromarray(mask * 0).convert("1"))
png("mask-palette", Image.fromarray(mask).convert("P"))
png("mask-palette-of-two", Image.fromarray(mask).quantize(2))
png("mask-16-bit", Image.fromarray(mask.astype(np.uint16)))
png("mask-16-bit-full", Image.fromarray(mask.astype(np.uint16) * 257))
(content / "cut.png").write_bytes((content / "mask.png").read_bytes()[:-20])
(content / "text.png").write_bytes(b"not a picture")
Image.fromarray(np.zeros_like(mask)).save(content / "jpeg.png", format="JPEG")
# The official checker takes these and ours does not: colours by number, another format, a cut end.
STRICTER = {"mask-palette.png", "jpeg.png", "cut.png"}
paths = sorted(content.iterdir())
for path, finding in zip(paths, ours("judge", *paths), strict=True):
    check = official_utils._check_ad_images if path.suffix == ".tiff" else official_utils._check_thresholded_ad_images
    refusal = is_refused(check, path)
    is_fault = finding is not None and finding["isFault"]
    what = f"[official: {refusal or 'passes'}] [ours: {finding and finding['problem']}]"
    report(f"content {path.name}", bool(refusal) == is_fault, what, stricter=is_fault and path.name in STRICTER)

# 4. Structure: one change after the other in a copy without masks, which is checked faster.
def changes():
    can = pathlib.PurePath("anomaly_images/can")
    yield "nothing", lambda root: None
    yield "file in the root", lambda root: (root / "README.md").touch()
    yield "hidden file in the root", lambda root: (root / ".DS_Store").touch()
    yield "folder in the root", lambda root: (root / "logs").mkdir()
    yield "no maps", lambda root: shutil.rmtree(root / "anomaly_images")
    yield "empty folder of masks", lambda root: (root / "anomaly_images_thresholded").mkdir()
    yield "object missing", lambda root: shutil.rmtree(root / can)
    yield "object too many", lambda root: (root / "anomaly_images/bottle").mkdir()
    yield "file among the objects", lambda root: (root / "anomaly_images/list.txt").touch()
    yield "split missing", lambda root: shutil.rmtree(root / can / "test_private_mixed")
    yield "split too many", lambda root: (root / can / "test_public").mkdir()
    yield "file among the splits", lambda root: (root / can / "list.txt").touch()
    yield "map missing", lambda root: (root / can / "test_private/320_regular.tiff").unlink()
    yield "map too many", lambda root: shutil.copy(root / can / "test_private/000_regular.tiff", root / can / "test_private/321_regular.tiff")
    yield "counted from one", lambda root: (root / can / "test_private/000_regular.tiff").rename(root / can / "test_private/321_regular.tiff")
    yield ".tif", lambda root: (root / can / "test_private/000_regular.tiff").rename(root / can / "test_private/000_regular.tif")
    yield "mixed among regular", lambda root: (root / can / "test_private/000_regular.tiff").rename(root / can / "test_private/000_mixed.tiff")
    yield "two digits", lambda root: (root / can / "test_private/000_regular.tiff").rename(root / can / "test_private/00_regular.tiff")
    yield "folder among the maps", lambda root: (root / can / "test_private/more").mkdir()
    yield "32-bit map", lambda root: tifffile.imwrite(root / can / "test_private/000_regular.tiff", half.astype(np.float32))


shutil.rmtree(masks)
for what, change in changes():
    root = work / "changed"
    shutil.copytree(results, root)
    change(root)
    refusal = is_refused(official.check_submission, str(root))
    (found,) = ours("check", root)
    first = found["faults"][0] if found["faults"] else {"path": "", "problem": ""}
    report(f"structure {what}", bool(refusal) == bool(found["faults"]), f"[official: {refusal or 'passes'}] [ours: {first['path']} {first['problem']}]")
    shutil.rmtree(root)

print(f"{differences} different")
