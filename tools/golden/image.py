"""Writes the judges of the image room: tiny pictures with their pixels, and numbers of resizing and smoothing.

    python tools/golden/image.py

Makes fixtures/image/*, fixtures/image/expected.json and fixtures/golden/image.json. Needs numpy, scipy, torch,
torchvision, opencv-python-headless, tifffile and Pillow 12.x: Pillow 13 changed the order of its resize passes
(by one level in some bytes), and published results rest on the older order.
"""
import datetime
import importlib.metadata
import io
import json
import math
import pathlib
import struct
import zlib

import cv2
import numpy as np
import PIL
import scipy.ndimage as nd
import tifffile
import torch
import torch.nn.functional as F
from PIL import Image, ImageCms, ImageOps
from torchvision.transforms import CenterCrop, Resize

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURES = ROOT / "fixtures/image"
PACKAGES = ["pillow", "numpy", "scipy", "torch", "torchvision", "opencv-python-headless", "tifffile"]


def provenance(**more):
    return {
        "madeBy": "tools/golden/image.py",
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "seed": "none: inputs are formulas",
        "day": datetime.date.today().isoformat(),
        **more,
    }


# ---------------------------------------------------------------------------------------------- inputs


def f64(h, w, a=7919):
    return (((np.arange(h * w, dtype=np.int64) * a + 104729) % 10007) / 10007).reshape(h, w)


def f32(h, w, a=7919):
    return f64(h, w, a).astype(np.float32)


def u8(h, w, a=7919):
    return np.floor(256 * f64(h, w, a)).astype(np.uint8)


def u16(h, w, a=7919):
    out = np.floor(65536 * f64(h, w, a)).astype(np.uint16)
    out.flat[:4] = [0, 65535, 255, 256]
    return out


# ---------------------------------------------------------------------------------------------- pictures

W, H = 7, 5
GREY = u8(H, W, 577)
RGB = u8(H, W * 3, 577).reshape(H, W, 3)
ALPHA = u8(H, W, 131)
RGBA = np.dstack([RGB, ALPHA])
FLAT = (RGB >> 6) * 85  # few colours, for palettes


def smooth(h, w):
    """A picture that JPEG and WebP can hold: waves in three colours."""
    y, x = np.mgrid[0:h, 0:w]
    waves = [127 + 90 * np.sin(x / 2.0 + c) + 35 * np.cos(y / 1.5 + 2 * c) for c in range(3)]
    return np.clip(np.stack(waves, -1), 0, 255).astype(np.uint8)


def as_pil_sees(path):
    """The pixels after PIL's own conversion to grey or RGB, upright. Alpha is dropped by convert()."""
    with Image.open(path) as image:
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("L", "I;16", "I;16B", "I;16L"):
            return np.asarray(upright)
        if upright.mode == "1":
            return np.asarray(upright.convert("L"))
        if upright.mode == "LA":
            return np.asarray(upright)[..., 0]
        return np.asarray(upright.convert("RGB"))


class Gallery:
    def __init__(self):
        self.pictures = {}
        for old in PICTURES.glob("*.*"):
            if old.suffix not in (".md",):
                old.unlink()

    def add(self, name, pixels=None, judge="PIL"):
        """Files the pixels; `pixels` only where PIL cannot judge, with who did."""
        pixels = as_pil_sees(PICTURES / name) if pixels is None else pixels
        self.pictures[name] = {
            "judge": judge,
            "width": pixels.shape[1],
            "height": pixels.shape[0],
            "channels": 1 if pixels.ndim == 2 else 3,
            "depth": pixels.dtype.itemsize * 8,
            "pixels": pixels.ravel().tolist(),
        }

    def save(self, name, image, **options):
        image.save(PICTURES / name, **options)
        self.add(name)

    def write(self, name, data, pixels=None, judge="PIL"):
        (PICTURES / name).write_bytes(data)
        self.add(name, pixels, judge)


def png(width, height, bits, colour, rows, interlaced=False):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pack_bits(values, bits):
    """Rows of small numbers, the first in the highest bits."""
    text = "".join(format(int(v), f"0{bits}b") for v in values)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def adam7(pixels):
    """The passes of an interlaced 8-bit grey PNG."""
    for y0, x0, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            yield from (row.tobytes() for row in part)


def add_png(gallery):
    grey, rgb, rgba = Image.fromarray(GREY), Image.fromarray(RGB), Image.fromarray(RGBA)
    gallery.save("grey.png", grey)
    gallery.save("rgb.png", rgb)
    gallery.save("rgba.png", rgba)
    gallery.save("grey-alpha.png", Image.merge("LA", [grey, Image.fromarray(ALPHA)]))
    gallery.save("palette.png", Image.fromarray(FLAT).quantize(16))
    gallery.save("palette-transparent.png", Image.fromarray(FLAT).quantize(16), transparency=2)
    gallery.save("grey-transparent.png", grey, transparency=int(GREY[1, 1]))
    gallery.save("bit1.png", grey.point(lambda v: 255 * (v > 127)).convert("1"))
    gallery.write("bit2.png", png(W, H, 2, 0, [pack_bits(row >> 6, 2) for row in GREY]))
    gallery.write("bit4.png", png(W, H, 4, 0, [pack_bits(row >> 4, 4) for row in GREY]))
    gallery.write("interlaced.png", png(W, H, 8, 0, adam7(GREY), interlaced=True))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    gallery.save("profile.png", rgb, icc_profile=profile)
    # PIL has no 16-bit colour; the judge is the array that was written.
    gallery.save("grey16.png", Image.fromarray(u16(H, W)))
    for name, channels, colour in [("grey-alpha16.png", 2, 4), ("rgb16.png", 3, 2), ("rgba16.png", 4, 6)]:
        samples = u16(H, W * channels).reshape(H, W, channels)
        rows = [row.astype(">u2").tobytes() for row in samples]
        kept = samples[..., 0] if channels == 2 else samples[..., :3]
        gallery.write(name, png(W, H, 16, colour, rows), kept, "the array that was written")


def add_orientations(gallery):
    picture = Image.fromarray(smooth(H, W))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        gallery.save(f"orient-{orientation}.png", picture, exif=exif)
        gallery.save(f"orient-{orientation}.jpg", picture, exif=exif, quality=90, subsampling=0)
    exif = Image.Exif()
    exif[0x112] = 6
    gallery.save("orient-6.webp", picture, exif=exif, lossless=True)
    gallery.save("orient-8.tif", picture, tiffinfo={274: 8})
    tall16 = Image.fromarray(u16(H, W))
    exif[0x112] = 5
    gallery.save("orient-5-grey16.png", tall16, exif=exif)


def add_jpeg(gallery):
    picture = Image.fromarray(smooth(13, 17))
    gallery.save("444.jpg", picture, quality=90, subsampling=0)
    gallery.save("422.jpg", picture, quality=90, subsampling=1)
    gallery.save("420.jpg", picture, quality=90, subsampling=2)
    gallery.save("420-coarse.jpg", picture, quality=40, subsampling=2)
    gallery.save("progressive.jpg", picture, quality=80, progressive=True)
    gallery.save("restart.jpg", picture, quality=80, restart_marker_blocks=1)
    gallery.save("grey.jpg", picture.convert("L"), quality=80)
    gallery.save("cmyk.jpg", picture.convert("CMYK"), quality=90)


def add_tiff(gallery):
    grey, rgb = Image.fromarray(GREY), Image.fromarray(RGB)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        gallery.save(f"rgb-{compression.removeprefix('tiff_').removeprefix('adobe_')}.tif", rgb, compression=compression)
    gallery.save("grey.tif", grey)
    gallery.save("rgb.tif", rgb)
    gallery.save("rgba.tif", Image.fromarray(RGBA))
    gallery.save("palette.tif", Image.fromarray(FLAT).quantize(16))
    gallery.save("bit1-group4.tif", grey.point(lambda v: 255 * (v > 127)).convert("1"), compression="group4")
    gallery.save("cmyk.tif", Image.fromarray(RGB).convert("CMYK"))
    gallery.save("grey16.tif", Image.fromarray(u16(H, W)))
    gallery.save("pages.tif", grey, save_all=True, append_images=[Image.fromarray(255 - GREY)])

    rgb16 = u16(H, W * 3).reshape(H, W, 3)
    written = "the array that was written"

    def tiff(name, data, pixels, judge=written, **options):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, data, metadata=None, software=False, **options)
        gallery.write(name, buffer.getvalue(), pixels, judge)

    tiff("grey16-big-endian.tif", u16(H, W), u16(H, W), byteorder=">", photometric="minisblack")
    tiff("rgb16.tif", rgb16, rgb16, photometric="rgb")
    tiff("rgb16-planes.tif", np.moveaxis(rgb16, 2, 0), rgb16, photometric="rgb", planarconfig="separate")
    tiff("grey-tiles.tif", u8(20, 18), u8(20, 18), photometric="minisblack", tile=(16, 16))
    tiff("white-is-zero.tif", GREY, None, "PIL", photometric="miniswhite")
    tiff("bigtiff.tif", RGB, RGB, photometric="rgb", bigtiff=True)
    # Kinds of numbers that are refused, and maps that our float reader takes.
    for name, data in [
        ("refused-float32.tif", f32(H, W)),
        ("refused-float16.tif", f32(H, W).astype(np.float16)),
        ("refused-float64.tif", f64(H, W)),
        ("refused-uint32.tif", u16(H, W).astype(np.uint32)),
        ("refused-int16.tif", u16(H, W).astype(np.int16)),
        ("refused-five-channels.tif", u8(H, W * 5).reshape(H, W, 5)),
    ]:
        planes = {"planarconfig": "contig"} if data.ndim == 3 else {}
        tifffile.imwrite(PICTURES / name, data, metadata=None, software=False, photometric="minisblack", **planes)
    tifffile.imwrite(PICTURES / "map-strips-big-endian.tif", f32(H, W), metadata=None, software=False, byteorder=">", rowsperstrip=2)


def add_webp(gallery):
    picture = Image.fromarray(smooth(13, 17))
    gallery.save("lossless.webp", picture, lossless=True)
    gallery.save("lossy.webp", picture, quality=70)
    rgba = picture.copy()
    rgba.putalpha(Image.fromarray(u8(13, 17)))
    gallery.save("alpha.webp", rgba, lossless=True, exact=True)


def bmp(width, height, bits, data, header=40, compression=0, masks=b"", palette=b"", colours=0, top_down=False):
    size = -height if top_down else height
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", 40, width, size, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        if header > 40:
            info = struct.pack("<I", header) + info[4:] + masks
            info += b"\0" * (header - len(info))
        else:
            info += masks
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + palette + data


def bmp_rows(rows, top_down=False):
    padded = [row + b"\0" * (-len(row) % 4) for row in rows]
    return b"".join(padded if top_down else padded[::-1])


def add_bmp(gallery):
    grey, rgb = Image.fromarray(GREY), Image.fromarray(RGB)
    flat = Image.fromarray(FLAT).quantize(16)
    gallery.save("bit1.bmp", grey.point(lambda v: 255 * (v > 127)).convert("1"))
    gallery.save("grey.bmp", grey)
    gallery.save("palette.bmp", flat)
    gallery.save("rgb.bmp", rgb)
    gallery.save("rgba.bmp", Image.fromarray(RGBA))

    colours = [(int(r), int(g), int(b)) for r, g, b in u8(16, 3, 577)]
    quads = b"".join(bytes([b, g, r, 0]) for r, g, b in colours)
    triples = b"".join(bytes([b, g, r]) for r, g, b in colours)
    index = GREY >> 4
    looked_up = np.array(colours, np.uint8)[index]
    rows4 = [pack_bits(row, 4) for row in index]
    gallery.write("bit4.bmp", bmp(W, H, 4, bmp_rows(rows4), palette=quads, colours=16))
    gallery.write("bit4-os2.bmp", bmp(W, H, 4, bmp_rows(rows4), header=12, palette=triples))
    # A palette shorter than its bits, said nowhere but in the offset of the pixels.
    few = bmp(W, H, 8, bmp_rows([row.tobytes() for row in index]), palette=quads)
    gallery.write("palette-short.bmp", few, looked_up, "the palette by hand")
    rows2 = [pack_bits(row >> 6, 2) for row in GREY]
    gallery.write("bit2.bmp", bmp(W, H, 2, bmp_rows(rows2), palette=quads[:16], colours=4),
                  np.array(colours, np.uint8)[GREY >> 6], "the palette by hand")
    top = bmp(W, H, 24, bmp_rows([row[:, ::-1].tobytes() for row in RGB], True), top_down=True)
    gallery.write("rgb-top-down.bmp", top)

    words = u16(H, W, 577)
    rows16 = [row.astype("<u2").tobytes() for row in words]
    gallery.write("rgb555.bmp", bmp(W, H, 16, bmp_rows(rows16)))
    m565 = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    gallery.write("rgb565.bmp", bmp(W, H, 16, bmp_rows(rows16), compression=3, masks=m565))
    rows32 = [row.tobytes() for row in RGBA]
    rgba_masks = struct.pack("<IIII", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    gallery.write("rgba-v4.bmp", bmp(W, H, 32, bmp_rows(rows32), header=108, compression=3, masks=rgba_masks))
    gallery.write("rgba-v5.bmp", bmp(W, H, 32, bmp_rows(rows32), header=124, compression=3, masks=rgba_masks))
    gallery.write("rgb-v3.bmp", bmp(W, H, 32, bmp_rows(rows32), header=56, compression=3, masks=rgba_masks))
    # Ten bits per colour: PIL refuses, the rule is written out.
    tens = (u16(H, W, 577).astype(np.uint32) << 14) ^ u16(H, W, 131).astype(np.uint32)
    m10 = struct.pack("<III", 0x3FF00000, 0xFFC00, 0x3FF)
    values = np.stack([(tens >> s) & 1023 for s in (20, 10, 0)], -1)
    gallery.write("rgb101010.bmp", bmp(W, H, 32, bmp_rows([r.astype("<u4").tobytes() for r in tens]), compression=3, masks=m10),
                  (values * 255 // 1023).astype(np.uint8), "floor(v * 255 / 1023)")

    # Runs, an absolute run with padding, a jump that leaves a hole, an early end of line, an end mark.
    rle8 = bytes([7, 3, 0, 0,  0, 3, 1, 2, 5, 0, 4, 9, 0, 0,  2, 7, 0, 2, 2, 1, 3, 8, 0, 0,  0, 7, 1, 2, 3, 4, 5, 6, 7, 0, 0, 1])
    gallery.write("rle8.bmp", bmp(W, H, 8, rle8, compression=1, palette=quads * 16, colours=256))
    # Even absolute runs only: PIL drops the last pixel of odd ones.
    rle4 = bytes([7, 0x35, 0, 0,  0, 4, 0x12, 0x34, 3, 0x99, 0, 0,  2, 0x71, 0, 2, 2, 1, 3, 0x8A, 0, 0,  0, 6, 0x12, 0x34, 0x56, 0, 1, 0x70, 0, 1])
    gallery.write("rle4.bmp", bmp(W, H, 4, rle4, compression=2, palette=quads, colours=16))


def make_pictures():
    PICTURES.mkdir(parents=True, exist_ok=True)
    gallery = Gallery()
    for part in (add_png, add_orientations, add_jpeg, add_tiff, add_webp, add_bmp):
        part(gallery)
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(gallery.pictures.items())]
    head = json.dumps(provenance(what="pixels as PIL gives them, row-major, upright, alpha dropped"))
    (PICTURES / "expected.json").write_text(
        '{\n"provenance": ' + head + ',\n"pictures": {\n' + ",\n".join(lines) + "\n}\n}\n"
    )


# ---------------------------------------------------------------------------------------------- numbers


def numbers(array):
    """Values as text that reads back to the same float32 (or integer, or double)."""
    if array.dtype == np.float32:
        return [[float(str(v)) for v in row] for row in array]
    return array.tolist()


def crc(array):
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def torch_bilinear(plane, h, w, align):
    return F.interpolate(torch.from_numpy(plane)[None, None], size=(h, w), mode="bilinear", align_corners=align)[0, 0].numpy()


def inp_kernel():
    y, x = torch.meshgrid(torch.arange(5), torch.arange(5), indexing="ij")
    bell = 1 / (2 * math.pi * 4**2) * torch.exp(-((x - 2.0) ** 2 + (y - 2.0) ** 2) / (2 * 4**2))
    return (bell / bell.sum()).float()


def make_values():
    pil_u8 = lambda a, w, h: np.asarray(Image.fromarray(a).resize((w, h), Image.BILINEAR))
    a = u8(17, 23)
    b = f32(9, 7)
    shrunk = Resize(13)(Image.fromarray(a))
    small = CenterCrop(10)
    conv = F.conv2d(torch.from_numpy(b)[None, None], inp_kernel()[None, None], padding=2)[0, 0].numpy()
    spots = (255 * (f32(24, 26, 31) > 0.08)).astype(np.uint8)
    dots = (f32(24, 26, 31) < 0.02).astype(np.uint8)
    values = {
        "pil_bilinear_u8_17x23_to_9x11": pil_u8(a, 11, 9),
        "pil_bilinear_u8_17x23_to_24x31": pil_u8(a, 31, 24),
        "pil_bilinear_F_17x23_to_9x11": pil_u8(f32(17, 23), 11, 9),
        "pil_nearest_u8_17x23_to_9x11": np.asarray(Image.fromarray(a).resize((11, 9), Image.NEAREST)),
        "torchvision_Resize13_17x23_size_wh": np.array([shrunk.size]),
        "torchvision_Resize13_CenterCrop10": np.asarray(small(shrunk)),
        "torchvision_CenterCrop12_of_5x8": np.asarray(CenterCrop(12)(Image.fromarray(u8(5, 8)))),
        "cv2_linear_u8_17x23_to_24x31": cv2.resize(a, (31, 24)),
        "cv2_linear_u8_17x23_to_9x11": cv2.resize(a, (11, 9)),
        "cv2_linear_f32_17x23_to_24x31": cv2.resize(f32(17, 23), (31, 24)),
        "cv2_nearest_u8_17x23_to_9x11": cv2.resize(a, (11, 9), interpolation=cv2.INTER_NEAREST),
        "gaussian_filter_s4_f32_20x22": nd.gaussian_filter(f32(20, 22), 4),
        "F_bilinear_acFalse_9x7_to_20x15": torch_bilinear(b, 20, 15, False),
        "F_bilinear_acTrue_9x7_to_20x15": torch_bilinear(b, 20, 15, True),
        "F_nearest_9x7_to_5x4": F.interpolate(torch.from_numpy(b)[None, None], size=(5, 4), mode="nearest")[0, 0].numpy(),
        "inp_gauss5_s4_kernel": inp_kernel().numpy(),
        "inp_gauss5_s4_conv_pad2_9x7": conv,
        "erode6_24x26": cv2.erode(spots, np.ones((6, 6), np.uint8)),
        "dilate5_24x26": cv2.dilate(dots, np.ones((5, 5), np.uint8)),
        "zoom_order1_f64_9x7_to_14x5": nd.zoom(b.astype(np.float64), (14 / 9, 5 / 7), order=1),
        "zoom_order1_u8_17x23_to_9x11": nd.zoom(a, (9 / 17, 11 / 23), order=1),
        "float16_of_f32_times_700": (f32(5, 8) * np.float32(700)).astype(np.float16).view(np.uint16),
    }
    return {name: numbers(np.atleast_2d(v)) for name, v in values.items()}


SIZES = [  # height, width to height, width
    (17, 23, 24, 31), (17, 23, 9, 11), (40, 50, 20, 25), (36, 36, 20, 20), (13, 128, 73, 7), (64, 11, 5, 1),
    (2, 11, 26, 206), (46, 279, 211, 3), (101, 97, 64, 64), (64, 48, 224, 224), (200, 3, 2, 300), (5, 5, 5, 40),
    (3, 200, 300, 2), (120, 160, 119, 159), (8, 26, 26, 8), (79, 3, 40, 41), (2, 2, 1, 1), (150, 2, 50, 9),
]


def make_checksums():
    """CRC-32 of the bytes of whole results, for many sizes: little-endian samples, row-major."""
    rows = []
    for h, w, newh, neww in SIZES:
        grey, rgb, plane = u8(h, w), u8(h, w * 3).reshape(h, w, 3), f32(h, w)
        tensor = torch.from_numpy(plane)[None, None]
        zoom = (newh / h, neww / w)
        rows.append({
            "from": [h, w],
            "to": [newh, neww],
            "pil_bilinear_L": crc(np.asarray(Image.fromarray(grey).resize((neww, newh), Image.BILINEAR))),
            "pil_bilinear_RGB": crc(np.asarray(Image.fromarray(rgb).resize((neww, newh), Image.BILINEAR))),
            "pil_bilinear_F": crc(np.asarray(Image.fromarray(plane).resize((neww, newh), Image.BILINEAR))),
            "pil_nearest": crc(np.asarray(Image.fromarray(grey).resize((neww, newh), Image.NEAREST))),
            "torch_nearest": crc(F.interpolate(tensor, size=(newh, neww), mode="nearest")[0, 0].numpy()),
            "cv2_nearest": crc(cv2.resize(grey, (neww, newh), interpolation=cv2.INTER_NEAREST)),
            "cv2_linear_u8": crc(cv2.resize(rgb, (neww, newh))),
            "cv2_linear_f32": crc(cv2.resize(plane, (neww, newh))),
            "zoom_f32": crc(nd.zoom(plane, zoom, order=1)),
            "zoom_u8": crc(nd.zoom(grey, zoom, order=1)),
        })
    filters = []
    for h, w, sigma in [(20, 22, 4), (3, 5, 4), (1, 9, 2), (37, 41, 0.5), (64, 48, 1.5), (1, 1, 3), (90, 70, 4)]:
        filters.append({"size": [h, w], "sigma": sigma, "gaussian": crc(nd.gaussian_filter(f32(h, w), sigma))})
    shapes = []
    for kh, kw in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (1, 7), (6, 2), (9, 40), (50, 3)]:
        ones = np.ones((kh, kw), np.uint8)
        shapes.append({"kernel": [kh, kw], "erode": crc(cv2.erode(u8(31, 29), ones)), "dilate": crc(cv2.dilate(u8(31, 29), ones))})
    maps = []
    for h, w, newh, neww in [(37, 37, 518, 518), (32, 32, 256, 256), (16, 17, 49, 131)]:
        maps.append({"from": [h, w], "to": [newh, neww],
                     "corners_free": crc(torch_bilinear(f32(h, w), newh, neww, False)),
                     "corners_aligned": crc(torch_bilinear(f32(h, w), newh, neww, True))})
    return {"resize": rows, "gaussian": filters, "morphology": shapes, "torch_bilinear": maps}


def make_numbers():
    inputs = "f32(h,w,a)[i]=float32(((i*a+104729)%10007)/10007) row-major, default a=7919; u8(h,w,a)=floor(256*that in float64)"
    parts = [f'"provenance": {json.dumps(provenance(inputs=inputs))}']
    values = ",\n".join(f"{json.dumps(name)}: {json.dumps(v)}" for name, v in make_values().items())
    parts.append('"values": {\n' + values + "\n}")
    for name, rows in make_checksums().items():
        parts.append(f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]")
    path = ROOT / "fixtures/golden/image.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    if int(PIL.__version__.split(".")[0]) > 12:
        raise SystemExit(f"Pillow {PIL.__version__} resizes in another order; use Pillow 12.")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    make_pictures()
    make_numbers()
