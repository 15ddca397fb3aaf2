"""Saving and opening from the canvas: what the kernel answers, and what it refuses."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.canvas_messages import MAX_PIECE, Open, Save, parse
from semanticdraw_widget.message_fields import ProtocolError
from semanticdraw_widget.storage import read_ora, read_png, read_sdraw, write_drawing
from semanticdraw_widget.storage.limits import MAX_FILE
from unit.doubles import FakeEngine, until
from unit.test_storage_canvas import band, engine, made, make, painted, state  # noqa: F401, fixtures
from unit.test_widget import RecordingComm, watch

READ = {"sdraw": read_sdraw, "png": read_png, "ora": read_ora}
every_kind = pytest.mark.parametrize("kind", list(READ))
PIECE: dict[str, Any] = {"type": "open", "seq": 3, "kind": "sdraw", "size": 10, "offset": 0}


def answer(comm: RecordingComm, seq: int) -> tuple[dict[str, Any], list[bytes]]:
    """The one answer to a request."""

    def found() -> list[tuple[dict[str, Any], list[bytes]]]:
        told = [(data["content"], buffers) for data, buffers in comm.sent if data["method"] == "custom"]
        return [(content, buffers) for content, buffers in told if content.get("seq") == seq and known(content)]

    def known(content: dict[str, Any]) -> bool:
        return content["type"] in ("file", "opened", "error")

    until(found)
    (only,) = found()
    return only


def save(comm: RecordingComm, kind: str, seq: int = 1000) -> bytes:
    comm.custom({"type": "save", "seq": seq, "kind": kind})
    content, buffers = answer(comm, seq)
    assert content == {"type": "file", "seq": seq, "kind": kind}, content
    return buffers[0]


def send(comm: RecordingComm, kind: str, data: bytes, seq: int = 2000, piece: int = 2**30) -> dict[str, Any]:
    """Send a file in pieces; the answer."""
    for at in range(0, len(data), piece):
        message = {"type": "open", "seq": seq, "kind": kind, "size": len(data), "offset": at}
        comm.custom(message, data[at : at + piece])
    return answer(comm, seq)[0]


@every_kind
def test_what_is_saved_opens_again(painted: SemanticDraw, make: Callable[..., SemanticDraw], kind: str) -> None:  # noqa: F811
    data = save(watch(painted), kind)
    assert READ[kind](io.BytesIO(data)).scene == painted.scene
    other = make(size=(128, 32))
    comm = watch(other)
    assert send(comm, kind, data, piece=100) == {"type": "opened", "seq": 2000, "notices": []}
    assert state(other) == state(painted)
    assert np.array_equal(other.mask(0), band(30, 48))
    assert comm.updates("layouts") == [1]


@every_kind
def test_the_bytes_are_those_of_save(painted: SemanticDraw, kind: str, tmp_path: Path) -> None:  # noqa: F811
    painted.generate()
    painted.save(tmp_path / f"a.{kind}")
    assert save(watch(painted), kind) == (tmp_path / f"a.{kind}").read_bytes()


def test_a_png_waits_for_its_picture_and_keeps_nobody_waiting(
    painted: SemanticDraw,  # noqa: F811
    engine: FakeEngine,  # noqa: F811
) -> None:
    comm = watch(painted)
    engine.hold()
    painted.seed = 6
    comm.custom({"type": "save", "seq": 1, "kind": "png"})
    comm.custom({"type": "save", "seq": 2, "kind": "sdraw"})  # the handler is free, the canvas's files are not
    assert "another file is being saved" in answer(comm, 2)[0]["message"]
    painted.seed = 7  # somebody goes on painting
    engine.step(100)
    drawing = read_png(io.BytesIO(answer(comm, 1)[1][0]))
    assert drawing.scene.seed in (6, 7)
    assert drawing.result is not None and drawing.result[0, 0, 0] == drawing.scene.seed * 10 + 3  # its own picture
    assert save(comm, "sdraw", 3)


def test_a_file_that_is_none_is_refused_and_changes_nothing(painted: SemanticDraw) -> None:  # noqa: F811
    comm, before = watch(painted), state(painted)
    for seq, (kind, words) in enumerate([("sdraw", "not a zip file"), ("png", "not a PNG"), ("ora", "not a zip")]):
        told = send(comm, kind, b"no drawing at all", 100 + seq)
        assert (told["type"], told["code"]) == ("error", "file")
        assert words in told["message"]
    data = save(comm, "sdraw")
    assert "cut short" in send(comm, "sdraw", data[:-9], 200)["message"]
    assert state(painted) == before
    assert send(comm, "sdraw", data, 201)["type"] == "opened"


def test_what_is_left_aside_is_told(painted: SemanticDraw, tmp_path: Path) -> None:  # noqa: F811
    write_drawing(tmp_path / "a.sdraw", painted.scene, settings={"model": "other/model", "steps": 4})
    told = send(watch(painted), "sdraw", (tmp_path / "a.sdraw").read_bytes())
    assert "other/model" in told["notices"][0]
    assert (painted.model, painted.steps) == ("crayon", 4)


def test_an_engine_that_fails_is_told(painted: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    comm = watch(painted)
    until(lambda: painted.image is not None)
    engine.failure = RuntimeError("no room for the picture")
    painted.seed = 6
    comm.custom({"type": "save", "seq": 1, "kind": "png"})
    assert "no room" in answer(comm, 1)[0]["message"]
    assert save(comm, "sdraw", 2)


def test_pieces_come_in_order(painted: SemanticDraw) -> None:  # noqa: F811
    comm = watch(painted)
    data = save(comm, "sdraw")
    half = {"type": "open", "seq": 5, "kind": "sdraw", "size": len(data)}
    comm.custom({**half, "offset": 0}, data[:100])
    comm.custom({**half, "offset": 101}, data[101:])
    assert "bytes 100 to 101 of the file are lost" in answer(comm, 5)[0]["message"]
    comm.custom({**half, "seq": 6, "offset": 100}, data[100:])
    assert "open the file again" in answer(comm, 6)[0]["message"]
    comm.custom({**half, "seq": 7, "offset": 0}, data[:100])  # given up for the next one
    assert send(comm, "sdraw", data, 8)["type"] == "opened"


def test_requests_are_checked() -> None:
    assert parse({"type": "save", "seq": 3, "kind": "ora"}) == Save(3, "ora")
    assert parse(PIECE, [memoryview(b"abc")]) == Open(3, "sdraw", 10, 0, b"abc")
    for wrong, code in [
        ({"kind": "zip"}, "bad_value"),
        ({"kind": ["sdraw"]}, "bad_value"),
        ({"size": 0}, "bad_value"),
        ({"size": MAX_FILE + 1}, "bad_value"),
        ({"offset": -1}, "bad_value"),
        ({"offset": 8}, "bad_buffers"),
        ({"offset": 11}, "bad_buffers"),
    ]:
        with pytest.raises(ProtocolError) as caught:
            parse({**PIECE, **wrong}, [b"abc"])
        assert (caught.value.code, caught.value.seq) == (code, 3), wrong
    large = {**PIECE, "size": 2 * MAX_PIECE}
    for buffers in ([], [b"a", b"b"], [b""], [bytes(MAX_PIECE + 1)]):
        with pytest.raises(ProtocolError, match=r"buffer|piece"):
            parse(large, buffers)
