"""Write pictures.json: small files of Pillow's, of all kinds of pictures whose size the canvas reads from the header.

Run `python tests/vectors/make_pictures.py` after a change of the cases; the file is committed.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

CASES: dict[str, tuple[str, str, tuple[int, int], dict[str, Any]]] = {
    "png": ("PNG", "RGBA", (300, 7), {}),
    "png of one bit": ("PNG", "1", (5000, 2), {}),
    "jpeg": ("JPEG", "RGB", (33, 260), {}),
    "progressive jpeg": ("JPEG", "RGB", (70, 40), {"progressive": True}),
    "gray jpeg with a profile and a comment": (
        "JPEG",
        "L",
        (24, 8),
        {"icc_profile": bytes(3_000), "comment": b"a comment", "exif": b"Exif\0\0" + bytes(900)},
    ),
    "lossy webp": ("WEBP", "RGB", (257, 12), {"quality": 20}),
    "lossless webp": ("WEBP", "RGB", (12, 300), {"lossless": True}),
    "webp with alpha": ("WEBP", "RGBA", (40, 257), {"quality": 20}),
    "gif": ("GIF", "P", (258, 3), {}),
    "bmp": ("BMP", "RGB", (9, 258), {}),
    "avif": ("AVIF", "RGB", (260, 64), {"quality": 20}),
}


def made(kind: str, mode: str, size: tuple[int, int], options: dict[str, Any]) -> bytes:
    """A picture file with something in it."""
    image = Image.new(mode, size)
    ImageDraw.Draw(image).line((0, 0, *size), fill=1 if mode in "1P" else 99 if mode == "L" else (200, 60, 20))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def main() -> None:
    vectors = {
        name: {"size": list(case[2]), "base64": base64.b64encode(made(*case)).decode()} for name, case in CASES.items()
    }
    Path(__file__).with_name("pictures.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
