"""Every message is checked on arrival: good ones parse, bad ones name the field, the value and the limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semanticdraw_widget.protocol import (
    MAX_INT,
    ErrorMessage,
    Forget,
    FrameMessage,
    Look,
    MaskPatch,
    Painted,
    Pin,
    ProtocolError,
    Ready,
    Regenerate,
    Restore,
    Retry,
    StatusMessage,
    Surprise,
    Visible,
    parse,
)

PATCH: dict[str, Any] = {"type": "mask_patch", "seq": 3, "region": "a", "box": [1, 2, 8, 4], "final": False}


def refused(content: object, buffers: list[bytes] | None = None) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        parse(content, buffers or [])
    return caught.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "ready", "view": 0}, Ready(0)),
        ({"type": "painted", "seq": 7, "received": 12.5, "painted": 20}, Painted(7, 12.5, 20.0)),
        ({"type": "visible", "visible": False}, Visible(False)),
        ({"type": "regenerate"}, Regenerate()),
        ({"type": "surprise"}, Surprise()),
        ({"type": "retry"}, Retry()),
        ({"type": "look", "entry": 3, "whole": True}, Look(3, True)),
        ({"type": "restore", "entry": 3}, Restore(3)),
        ({"type": "pin", "entry": 3, "pinned": False}, Pin(3, False)),
        ({"type": "forget", "entry": 3}, Forget(3)),
    ],
)
def test_simple_messages(content: dict[str, Any], message: object) -> None:
    assert parse(content) == message


def test_mask_patch_takes_any_kind_of_buffer() -> None:
    for buffer in (b"SM..", bytearray(b"SM.."), memoryview(b"SM..")):
        assert parse(PATCH, [buffer]) == MaskPatch(3, "a", (1, 2, 8, 4), False, b"SM..")


@pytest.mark.parametrize("content", [None, 3, "ready", [], ["ready"], b"ready"])
def test_what_is_no_message(content: object) -> None:
    assert refused(content).code == "bad_message"


@pytest.mark.parametrize("kind", [None, 3, "", "frame", "READY", ["ready"], {}])
def test_unknown_type(kind: object) -> None:
    error = refused({"type": kind})
    assert error.code == "unknown_type"
    assert "mask_patch" in str(error)  # says what there is


def test_missing_and_unknown_fields() -> None:
    assert refused({"type": "ready"}).code == "missing_field"
    error = refused({"type": "ready", "view": 1, "extra": 2})
    assert error.code == "unknown_field" and "extra" in str(error) and "view" in str(error)
    assert refused({"type": "retry", "force": True}).code == "unknown_field"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", -1),
        ("seq", True),
        ("seq", 1.0),
        ("seq", "1"),
        ("seq", MAX_INT + 1),
        ("region", ""),
        ("region", "x" * 65),
        ("region", 5),
        ("final", 1),
        ("final", None),
        ("box", [0, 0, 1]),
        ("box", [0, 0, 1, 1, 1]),
        ("box", "0011"),
        ("box", {"x": 0}),
        ("box", [0, 0, 0, 1]),
        ("box", [0, 0, 1, 0]),
        ("box", [-1, 0, 1, 1]),
        ("box", [0, 0, 1.5, 1]),
        ("box", [8192, 0, 1, 1]),
        ("box", [0, 8100, 1, 93]),
        ("box", [0, 0, MAX_INT, MAX_INT]),
    ],
)
def test_bad_patch_fields_are_named(field: str, value: object) -> None:
    error = refused({**PATCH, field: value}, [b""])
    assert error.code == "bad_value"
    assert f"mask_patch.{field}" in str(error)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "3", None, True])
def test_bad_times(value: object) -> None:
    assert refused({"type": "painted", "seq": 1, "received": value, "painted": 1}).code == "bad_value"


def test_buffers_are_counted_and_bounded() -> None:
    assert refused(PATCH).code == "bad_buffers"
    assert refused(PATCH, [b"", b""]).code == "bad_buffers"
    assert refused({"type": "retry"}, [b""]).code == "bad_buffers"
    error = refused(PATCH, [bytes(8 * 4 + 65)])
    assert error.code == "bad_buffers" and "8x4" in str(error)
    assert isinstance(parse(PATCH, [bytes(8 * 4 + 64)]), MaskPatch)


def test_an_error_carries_the_seq_of_its_message() -> None:
    assert refused({**PATCH, "final": 3}, [b""]).seq == 3
    assert refused({**PATCH, "seq": "3"}, [b""]).seq is None


def test_long_values_are_cut_in_the_text() -> None:
    assert len(str(refused({**PATCH, "region": "x" * 100_000}, [b""]))) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
kinds = st.sampled_from(["ready", "mask_patch", "painted", "visible", "regenerate", "retry", "save", "open", "other"])
fields = st.sampled_from(
    ["view", "seq", "region", "box", "final", "received", "painted", "visible", "kind", "size", "offset", "x"]
)


@given(
    kind=kinds,
    values=st.dictionaries(fields, json_values, max_size=6),
    buffers=st.lists(st.binary(max_size=9), max_size=2),
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_anything_parses_or_is_refused(kind: str, values: dict[str, Any], buffers: list[bytes]) -> None:
    try:
        message = parse({"type": kind, **values}, buffers)
    except ProtocolError as error:
        assert error.code and str(error)
    else:
        assert type(message).__name__.lower() == kind.replace("_", "")


def test_outgoing_messages_are_plain_json() -> None:
    frame = FrameMessage(1, 2, "preview", 1, 4, (256, 128), "image/png", {"fps": 3.0})
    status = StatusMessage("loading", "weights", 0.5)
    error = ErrorMessage("out_of_memory", "no memory", "smaller", "retry")
    for message, kind in ((frame, "frame"), (status, "status"), (error, "error")):
        content = json.loads(json.dumps(message.content()))
        assert content == message.content()
        assert content["type"] == kind
    assert frame.content()["size"] == [256, 128]
    assert "seq" not in error.content()
    assert ErrorMessage("bad_value", "x", seq=4).content()["seq"] == 4
