"""Brushes that are saved with a drawing: exact in every format, merged into a canvas's own, checked like the rest."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.scene import Region, Scene
from semanticdraw_widget.semantic_brushes import MAX_BRUSHES, brush_list
from semanticdraw_widget.storage import Drawing, StorageError, read_drawing, write_drawing
from semanticdraw_widget.storage.limits import MAX_JSON_BRUSHES
from semanticdraw_widget.storage.png import SIGNATURE, chunk, chunks
from unit.doubles import until
from unit.test_semantic_brushes import OAK, VECTORS
from unit.test_widget import engine, make, watch  # noqa: F401, fixtures

every_suffix = pytest.mark.parametrize("suffix", [".sdraw", ".png", ".ora"])
SCENE = Scene((32, 24), "sky", [Region("house", np.ones((24, 32), bool), id="a")])
SEA = {**OAK, "name": "sea", "prompt": "海 \ud800", "feather": None, "seed": None}
LONGEST = {**OAK, "prompt": "🏠" * 1000, "negative_prompt": "🏠" * 1000}
FULLEST = [{**LONGEST, "name": f"{i:03}" + "🏠" * 97} for i in range(MAX_BRUSHES)]
"""As large as they can be; and what is alike packs as well as a bomb."""


def with_brushes(path: Path, data: bytes) -> Path:
    """The file with other bytes in place of the JSON of its brushes."""
    if path.suffix == ".png":
        parts = [(kind, body) for kind, body in chunks("file", path.read_bytes())]
        kept = [(k, b) for k, b in parts if not b.startswith(b"semanticdraw-brushes:")]
        pieces = [data[at : at + 2**19] for at in range(0, len(data), 2**19)] or [b""]
        told = [b"semanticdraw-brushes:%d/%d" % (i, len(pieces)) for i in range(1, len(pieces) + 1)]
        ours = [(b"iTXt", name + b"\0\1\0\0\0" + zlib.compress(piece)) for name, piece in zip(told, pieces)]
        path.write_bytes(SIGNATURE + b"".join(chunk(*part) for part in [kept[0], *ours, *kept[1:]]))
    else:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (members | {"brushes.json": data}).items():
                archive.writestr(name, content)
    return path


@every_suffix
@pytest.mark.parametrize("brushes", [[], [OAK, SEA], FULLEST], ids=["none", "some", "the most"])
def test_they_come_back_exactly(suffix: str, brushes: list[dict[str, Any]], tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_drawing(tmp_path / f"{name}{suffix}", SCENE, brushes=brushes)
    drawing = read_drawing(tmp_path / f"a{suffix}")
    assert [dict(brush) for brush in drawing.brushes] == brushes and drawing.scene == SCENE
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_a_drawing_without_brushes_is_as_it_ever_was(tmp_path: Path) -> None:
    """Readers pass over members that they do not know, so the format's version stays."""
    write_drawing(tmp_path / "a.sdraw", SCENE)
    write_drawing(tmp_path / "b.sdraw", SCENE, brushes=[OAK])
    with zipfile.ZipFile(tmp_path / "a.sdraw") as old, zipfile.ZipFile(tmp_path / "b.sdraw") as new:
        assert set(new.namelist()) - set(old.namelist()) == {"brushes.json"}
        assert all(old.read(name) == new.read(name) for name in old.namelist())
        assert json.loads(new.read("scene.json"))["version"] == 1
        assert json.loads(new.read("brushes.json")) == {
            "format": "semanticdraw-brushes",
            "version": 1,
            "brushes": [OAK],
        }


def test_a_drawing_says_what_it_has() -> None:
    drawing = Drawing(SCENE, brushes=[{"name": "sea", "prompt": "sea"}])
    assert drawing.brushes[0]["strength"] == 1.0 and "1 brush" in repr(drawing)
    with pytest.raises(TypeError):
        drawing.brushes[0]["name"] = "x"  # type: ignore[index]
    with pytest.raises(StorageError, match="two brushes have the name 'oak'"):
        Drawing(SCENE, brushes=[OAK, OAK])


# ---------------------------------------------------------------- from strangers


def file_of(*brushes: dict[str, Any]) -> bytes:
    return json.dumps({"format": "semanticdraw-brushes", "version": 1, "brushes": brushes}).encode()


NOISE = bytes(np.random.default_rng(0).integers(97, 123, MAX_JSON_BRUSHES, np.uint8))
HOSTILE = [(case["why"], case["text"].encode(), None) for case in VECTORS["refused"]] + [
    ("too deep", b"[" * 100_000, "nested deeper"),
    ("too many values", b"[" + b"[]," * 2**17 + b"[]]", "outside of texts"),
    ("too many texts", b"[" + b'"",' * 2**14 + b'""]', "texts"),
    ("not UTF-8", b"\xff\xfe", "not UTF-8"),
    ("too many", file_of(*[OAK] * 257), "at most 256"),
    ("no number", file_of(OAK).replace(b"0.5", b"NaN"), "no JSON number"),
    ("too large", b'"' + NOISE + b'"', f"unpacks to more than.* {MAX_JSON_BRUSHES}"),
]


@every_suffix
@pytest.mark.parametrize(("data", "says"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_what_no_file_of_brushes_may_hold_is_refused(
    suffix: str,
    data: bytes,
    says: str | None,
    make: Callable[..., SemanticDraw],  # noqa: F811
    tmp_path: Path,
) -> None:
    write_drawing(tmp_path / f"a{suffix}", SCENE, brushes=[OAK])
    path = with_brushes(tmp_path / f"a{suffix}", data)
    canvas = make(background="fog")
    canvas.brushes = [SEA]
    with pytest.raises(StorageError, match=says):
        canvas.load(path)
    assert (canvas.background, canvas.brushes) == ("fog", [SEA]), "nothing is changed"


def test_pieces_of_a_png_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    write_drawing(tmp_path / "a.png", SCENE, brushes=FULLEST)
    parts = list(chunks("file", (tmp_path / "a.png").read_bytes()))
    last = max(i for i, (_, body) in enumerate(parts) if body.startswith(b"semanticdraw-brushes:"))
    whole = b"".join(chunk(*part) for i, part in enumerate(parts) if i != last)
    with pytest.raises(StorageError, match="the list of brushes in this PNG is not complete"):
        read_drawing(_put(tmp_path / "b.png", SIGNATURE + whole))


def _put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- a canvas's own


def test_a_canvas_keeps_its_own_and_gets_those_of_the_file(
    make: Callable[..., SemanticDraw],  # noqa: F811
    tmp_path: Path,
) -> None:
    canvas = make(regions=[{"prompt": "sea"}])
    canvas.brushes = [OAK, {"name": "sea", "prompt": "sea"}]
    canvas.save(tmp_path / "a.sdraw")
    theirs = canvas.brushes
    canvas.brushes = [{**OAK, "prompt": "young oak"}, {"name": "mine", "prompt": "mine"}]
    mine = canvas.brushes
    for _ in range(2):  # the second time, nothing more comes
        with warnings.catch_warnings(action="error"):
            canvas.load(tmp_path / "a.sdraw")
        assert canvas.brushes == [*mine, {**theirs[0], "name": "oak 2"}, theirs[1]]
    assert SemanticDraw.from_file(tmp_path / "a.sdraw").brushes == theirs


def test_going_back_in_the_history_leaves_brushes_alone(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas = make(background="sky")
    canvas.generate(10)
    canvas.brushes = [OAK]
    until(lambda: canvas.history)
    canvas.restore(0)
    assert canvas.brushes == [OAK]


def test_they_come_in_the_message_of_the_layout(make: Callable[..., SemanticDraw], tmp_path: Path) -> None:  # noqa: F811
    """In the canvas all of it is one step of undo."""
    write_drawing(tmp_path / "a.sdraw", SCENE.replace(size=(32, 24)), brushes=[OAK])
    canvas = make(size=(32, 24))
    comm = watch(canvas)
    comm.sent.clear()
    canvas.load(tmp_path / "a.sdraw")
    (laid,) = [data["state"] for data, _ in comm.sent if "layouts" in data.get("state", {})]
    assert [brush["name"] for brush in laid["brushes"]] == ["oak"]


def test_a_full_canvas_takes_what_there_is_room_for_and_says_so(
    make: Callable[..., SemanticDraw],  # noqa: F811
    tmp_path: Path,
) -> None:
    theirs = [{**OAK, "name": name, "prompt": name} for name in ("a", "b", "c")]
    write_drawing(tmp_path / "a.sdraw", SCENE, brushes=theirs)
    canvas = make()
    ours = brush_list([{**OAK, "name": f"mine {i}"} for i in range(MAX_BRUSHES - 1)])
    canvas.brushes = ours
    with pytest.warns(UserWarning, match="2 brushes of the file are left aside, as a canvas has at most 256"):
        canvas.load(tmp_path / "a.sdraw")
    assert canvas.brushes == [*ours, theirs[0]] and canvas.background == "sky"


def test_the_canvas_saves_them_to_the_disk_of_whoever_sits_there(make: Callable[..., SemanticDraw]) -> None:  # noqa: F811
    canvas = make(background="sky")
    canvas.brushes = [OAK]
    comm = watch(canvas)
    comm.custom({"type": "save", "seq": 3, "kind": "sdraw"})
    until(lambda: comm.buffers("file"))
    with zipfile.ZipFile(io.BytesIO(comm.buffers("file")[0][0])) as archive:
        assert json.loads(archive.read("brushes.json"))["brushes"] == [OAK]
