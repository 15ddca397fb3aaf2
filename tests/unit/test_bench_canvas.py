"""The parts of ``bench canvas`` that need no browser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semanticdraw_widget.bench import canvas, pen
from semanticdraw_widget.bench.__main__ import main
from semanticdraw_widget.bench.timeline import frames, outermost, percentile

BOARD = pen.Board(100.0, 50.5, 720.0, 720.0, (512, 512))


def span(name: str, ts: int, dur: int, tid: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "ph": "X", "ts": ts, "dur": dur, "pid": 7, "tid": tid, **more}


def end_of_frame(ts: int) -> dict[str, Any]:
    return {"name": "AnimationFrame", "ph": "e", "ts": ts, "pid": 7, "tid": 1}


def test_script_time_counts_per_frame_and_nothing_twice() -> None:
    events = [
        span("EventDispatch", 1000, 4000, tdur=3000),
        span("FunctionCall", 1500, 2000, tdur=2000),  # within the dispatch
        span("Layout", 5000, 9000),  # no script
        end_of_frame(16_000),
        span("FunctionCall", 17_000, 6000),
        span("FunctionCall", 24_000, 500, tdur=250),
        span("FunctionCall", 24_000, 90_000, tid=2),  # a worker's
        end_of_frame(32_000),
        end_of_frame(48_000),
        span("FunctionCall", 49_000, 1000),  # of a frame that the trace does not have
    ]
    assert frames(events) == [(4.0, 3.0), (6.5, 6.25), (0.0, 0.0)]


def test_a_trace_without_script_or_frames_is_refused() -> None:
    with pytest.raises(ValueError, match=r"devtools\.timeline"):
        frames([end_of_frame(1)])
    with pytest.raises(ValueError, match="animation frames"):
        frames([span("FunctionCall", 0, 1)])


def test_outermost_keeps_what_lies_in_nothing_else() -> None:
    events = [span("a", 5, 2), span("b", 0, 10), span("c", 10, 1), span("d", 0, 4)]
    assert [event["name"] for event in outermost(events)] == ["b", "c"]


def test_percentiles() -> None:
    assert percentile([], 0.5) == 0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 1.0) == 3.0


def test_a_trace_has_so_many_events_in_strokes_that_stay_on_the_canvas() -> None:
    path = pen.strokes(BOARD, 1250)
    assert [len(stroke) for stroke in path] == [500, 500, 250]
    for x, y in (place for stroke in path for place in stroke):
        assert 100 < x < 820 and 50 < y < 771
        across = (x - 100.0) * 512 / 720 * 16
        assert abs(across - round(across)) > 1e-7  # rounding decides nothing


def test_each_stroke_goes_to_the_region_of_its_key() -> None:
    masks = [np.zeros((512, 512), np.uint8) for _ in range(3)]
    path = [[(200, 200), (300, 200), (300, 200)], [(400, 400), (500, 400), (500, 400)]]
    first, second, third = pen.drawn(masks, BOARD, path, 28)
    assert not first.any()  # the lowest: key 3
    across, down = BOARD.sixteenths(450, 400)
    assert second[down // 16, across // 16] == 255
    across, down = BOARD.sixteenths(250, 200)
    assert third[down // 16, across // 16] == 255
    assert not any(mask.any() for mask in masks)


def test_the_tint_lays_the_upper_colors_over_the_lower_ones() -> None:
    low, high = np.full((2, 3), 255, np.uint8), np.zeros((2, 3), np.uint8)
    low[1, 0], low[1, 1], high[0, 0], high[0, 1], high[1, 1] = 0, 100, 255, 51, 60
    tint = pen.tint([low, high], ["#102030", "#a0b0c0"])
    assert tint[0, 0].tolist() == [0xA0, 0xB0, 0xC0, 255]
    assert tint[0, 1].tolist() == [45, 61, 77, 255], "a fifth of the way from one to the other"
    assert tint[1, 0].tolist() == [0, 0, 0, 0]
    assert tint[1, 1].tolist() == [79, 95, 111, 136], "js/tests/tint.test.ts has the same"
    assert tint[1, 2].tolist() == [0x10, 0x20, 0x30, 255]


def test_the_table_says_what_was_lost() -> None:
    spread = {"p50": 3.0, "p95": 6.0, "p99": 9.0, "max": 12.0}
    result = {
        "events": 10,
        "sent_a_second": 120.0,
        "size": 512,
        "regions": 20,
        "hardness": 100,
        "paused": False,
        "points_lost": 0,
        "frames": 5,
        "masks_as_drawn": True,
        "screen_as_masks": True,
        "script_ms": spread,
        "script_cpu_ms": spread,
        "frames_over_limit": 0,
        "frames_over_limit_cpu": 0,
        "first_paint_ms": [250, 200],
        "bundle_bytes": 190_000,
        "bundle_gzip_bytes": 66_000,
    }
    text = canvas.table(result)
    assert "no point lost; masks in Python as drawn, the screen as the masks" in text
    assert "| on the clock | 3.0 | 6.0 | 9.0 | 12.0 | 0 |" in text
    assert "first paint 250 ms and 200 ms" in text and "gzipped 66 KB" in text
    assert "the kernel paints beside the browser" in text
    assert "20 regions, the kernel rests: no point lost" in canvas.table({**result, "paused": True})
    assert "20 regions, a brush of 25 % hardness, the kernel" in canvas.table({**result, "hardness": 25})
    text = canvas.table({**result, "points_lost": 2, "masks_as_drawn": False, "screen_as_masks": False})
    assert "2 POINTS LOST; masks in Python NOT AS DRAWN, the screen NOT AS THE MASKS" in text


@pytest.mark.parametrize("option", ["--events", "--rate", "--size", "--regions"])
def test_options_that_make_no_sense_are_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["canvas", option, "0"])
    assert option in capsys.readouterr().err
