"""When a canvas paints and with which seeds: pause, once, again, variants; and the texts that go with every prompt."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget import QUALITY_PRESETS, QualityPreset, Region, Scene, SemanticDraw
from semanticdraw_widget.agenda import SessionClosed
from semanticdraw_widget.canvas_messages import Vary, parse
from semanticdraw_widget.message_fields import ProtocolError
from semanticdraw_widget.prompt_texts import Texts
from semanticdraw_widget.strength_scale import share_of, strength_at
from semanticdraw_widget.text_notices import remarks
from semanticdraw_widget.variation_requests import VariationRequests
from unit.doubles import STEPS, FakeEngine, until
from unit.test_widget import RecordingComm, band, canvas, engine, make, settled, watch  # noqa: F401, fixtures

# ---------------------------------------------------------------- pause


def test_a_paused_canvas_paints_only_when_asked(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    comm = watch(canvas)
    canvas.background = "sky"
    settled(comm)
    comm.update(paused=True)
    canvas.seed = 1
    canvas.seed = 2
    canvas.variations(seeds=[9], timeout=10)  # any edit that is to be painted would go before it
    assert engine.runs == [0, 9]
    comm.custom({"type": "regenerate"})
    until(lambda: engine.runs == [0, 9, 2])
    until(lambda: canvas.stats and np.asarray(canvas.image)[0, 0, 0] == 20 + STEPS)
    canvas.seed = 3
    canvas.repaint()
    until(lambda: engine.runs == [0, 9, 2, 3])
    canvas.seed = 4
    assert np.asarray(canvas.generate(timeout=10))[0, 0, 0] == 40 + STEPS, "who waits for a picture gets it"
    canvas.seed = 5
    canvas.variations(seeds=[8], timeout=10)
    assert engine.runs[-2:] == [4, 8]
    canvas.paused = False
    until(lambda: engine.runs[-1] == 5)


def test_a_pause_stops_a_run_after_its_step(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    watch(canvas)
    engine.hold()
    canvas.background = "sky"
    engine.step()
    until(lambda: len(engine.steps_done) == 1)
    canvas.paused = True
    engine.step(STEPS)
    until(lambda: canvas.status["state"] == "idle")
    assert len(engine.steps_done) <= 2 and canvas.image is None


# ---------------------------------------------------------------- seeds


def test_new_seeds_leave_the_pinned(canvas: SemanticDraw) -> None:  # noqa: F811
    canvas.add_region("house", seed=7)
    canvas.add_region("tree")
    seeds = {canvas.new_seeds() for _ in range(5)}
    assert len(seeds) > 1 and canvas.seed in seeds
    assert canvas.new_seeds(9) == canvas.seed == 9
    assert [region.seed for region in canvas.scene.regions] == [7, None]
    with pytest.raises(ValueError, match="seed"):
        canvas.new_seeds(-1)


def test_variations_are_four_pictures_beside_the_canvas(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    comm = watch(canvas)
    canvas.background = "sky"
    settled(comm)
    frames = len(comm.messages("frame"))
    pictures = canvas.variations(seeds=[3, 1, 2, 5], timeout=10)
    assert [picture.info["seed"] for picture in pictures] == [3, 1, 2, 5]
    assert [picture.getpixel((0, 0)) for picture in pictures] == [(10 * s + STEPS,) * 3 for s in (3, 1, 2, 5)]
    assert all(picture.size == canvas.size for picture in pictures)
    assert (canvas.seed, len(comm.messages("frame")), len(canvas.history)) == (0, frames, 1)
    assert engine.after[-4:] == [None] * 4, "as if no other picture had been there before"
    runs = len(engine.runs)
    canvas.seed = 2
    until(lambda: np.asarray(canvas.image)[0, 0, 0] == 20 + STEPS)
    assert len(engine.runs) == runs, "the chosen one is not painted again"
    canvas.seed = 0
    until(lambda: np.asarray(canvas.image)[0, 0, 0] == STEPS)
    assert len(canvas.variations(2, timeout=10)) == 2
    for count in (0, 17, True):
        with pytest.raises(ValueError, match="1 to 16"):
            canvas.variations(count)
    with pytest.raises(ValueError, match="seed"):
        canvas.variations(seeds=[1, -1])


def test_an_edit_goes_before_variations(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    watch(canvas)
    canvas.background = "sky"
    until(lambda: canvas.image is not None)
    engine.hold()
    futures = canvas._vary([5])
    engine.step()
    until(lambda: engine.steps_done[-1] == (5, 1))
    canvas.seed = 2
    engine.step(1 + STEPS)
    until(lambda: np.asarray(canvas.image)[0, 0, 0] == 20 + STEPS)
    assert not futures[0].done()
    engine.step(STEPS)
    assert futures[0].result(10)[0, 0, 0] == 50 + STEPS


def test_variations_that_fail_say_so(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    comm = watch(canvas)
    canvas.background = "sky"
    settled(comm)
    engine.failure = RuntimeError("no more")
    with pytest.raises(RuntimeError, match="no more"):
        canvas.variations(timeout=10)
    comm.custom({"type": "vary", "seq": 8, "seeds": [1, 2]})
    until(lambda: [error["seq"] for error in comm.messages("error") if "seq" in error])
    assert [error["seq"] for error in comm.messages("error") if "seq" in error] == [8]
    engine.failure = None
    assert len(canvas.variations(timeout=10)) == 4


def test_the_canvas_asks_for_variations(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    comm = watch(canvas)
    canvas.background = "sky"
    settled(comm)

    def sent() -> list[tuple[Any, list[bytes]]]:
        told = [(data["content"], buffers) for data, buffers in comm.sent if data["method"] == "custom"]
        return [(content, buffers) for content, buffers in told if content["type"] == "variation"]

    comm.custom({"type": "vary", "seq": 4, "seeds": [1, 2, 3, 4]})
    until(lambda: len(sent()) == 4)
    assert [content for content, _ in sent()] == [{"type": "variation", "seq": 4, "seed": s} for s in (1, 2, 3, 4)]
    picture = Image.open(io.BytesIO(sent()[1][1][0]))
    assert (picture.format, picture.size) == ("JPEG", canvas.size)
    engine.hold()
    comm.custom({"type": "vary", "seq": 5, "seeds": [5, 6]})
    engine.step()
    until(lambda: engine.steps_done[-1] == (5, 1))
    comm.custom({"type": "vary", "seq": 6, "seeds": []})
    engine.step(20)
    until(lambda: canvas.status["state"] == "idle")
    assert len(sent()) == 4 and 6 not in engine.runs


def test_closing_ends_the_waiting(make: Callable[..., SemanticDraw], engine: FakeEngine) -> None:  # noqa: F811
    canvas = make()  # noqa: F811
    engine.hold()
    futures = canvas._vary([1, 2])
    until(lambda: engine.runs == [1])
    engine.step()
    canvas.close()
    for future in futures:
        with pytest.raises(SessionClosed, match="closed"):
            future.result(10)


def test_whoever_waits_is_told_while_others_can_use_the_session(
    make: Callable[..., SemanticDraw],  # noqa: F811
    engine: FakeEngine,  # noqa: F811
) -> None:
    canvas = make()  # noqa: F811
    engine.hold()
    (future,) = canvas._vary([1])
    until(lambda: engine.runs == [1])
    came_through: list[bool] = []

    def told(_: Any) -> None:
        other = Thread(target=canvas._session.confirm, args=(1,), daemon=True)
        other.start()
        other.join(2)
        came_through.append(not other.is_alive())

    future.add_done_callback(told)
    engine.step()
    canvas.close()
    assert came_through == [True]


def test_variations_that_are_late_or_would_wait_for_themselves(canvas: SemanticDraw, engine: FakeEngine) -> None:  # noqa: F811
    engine.hold()
    with pytest.raises(TimeoutError, match=r"0 of 2 variations were there within 0\.01 s; give it more time"):
        canvas.variations(2, timeout=0.01)
    (future,) = canvas._vary([1])
    refused: list[Exception] = []

    def ask(_: Any) -> None:
        try:
            canvas.variations(timeout=1)
        except Exception as error:
            refused.append(error)

    future.add_done_callback(ask)  # called in the session's own thread
    engine.step(2 * STEPS)
    until(lambda: refused)
    assert isinstance(refused[0], RuntimeError) and "wait for itself" in str(refused[0])


def test_an_old_request_that_fails_takes_no_newer_one_back() -> None:
    sent: list[dict[str, Any]] = []
    asked: list[list[Future[Any]]] = []
    widget: Any = SimpleNamespace(_vary=lambda seeds: asked.append([Future() for _ in seeds]) or asked[-1])
    requests = VariationRequests(lambda content, _: sent.append(content))
    requests.vary(widget, Vary(1, (1, 2)))
    failing = asked[0][0]
    failing.set_running_or_notify_cancel()  # too late to be taken back
    requests.vary(widget, Vary(2, (3, 4)))
    failing.set_exception(RuntimeError("no more"))
    assert [future.cancelled() for future in (asked[0][1], *asked[1])] == [True, False, False]
    asked[1][0].set_result(np.zeros((16, 16, 3), np.uint8))
    assert [(content["type"], content["seq"]) for content in sent] == [("error", 1), ("variation", 2)]


@pytest.mark.parametrize("seeds", [None, "1", [1.5], [True], [-1], list(range(17)), [2**53]])
def test_bad_seeds_are_refused(seeds: Any) -> None:
    with pytest.raises(ProtocolError, match=r"vary\.seeds"):
        parse({"type": "vary", "seq": 1, "seeds": seeds})
    assert parse({"type": "vary", "seq": 1, "seeds": [3, 2]}) == Vary(1, (3, 2))


# ---------------------------------------------------------------- texts


def test_texts_go_with_every_prompt_that_is_one() -> None:
    mask = np.ones((16, 16), bool)
    scene = Scene((16, 16), "sky, ", [Region("house", mask, negative_prompt="car"), Region("", mask)])
    assert Texts().on(scene) is scene
    painted = Texts("watercolor", "sharp", "blurry").on(scene)
    assert painted.background.prompt == "sky, watercolor, sharp"
    assert [(r.prompt, r.negative_prompt) for r in painted.regions] == [
        ("house, watercolor, sharp", "car, blurry"),
        ("", ""),
    ]
    assert [r.id for r in painted.regions] == [r.id for r in scene.regions]
    assert Texts(negative="blurry").on(Scene((16, 16), "", [Region("a", mask)])).regions[0].negative_prompt == "blurry"
    assert len(Texts("x" * 900).on(Scene((16, 16), "y" * 900)).background.prompt) == 1000


def test_texts_are_painted_but_not_written_into_prompts(
    canvas: SemanticDraw,  # noqa: F811
    engine: FakeEngine,  # noqa: F811
    make: Callable[..., SemanticDraw],  # noqa: F811
    tmp_path: Path,
) -> None:
    canvas.set_background("sky")
    canvas.add_region("house", band(0, 16))
    first = canvas.scene
    canvas.style_text = " watercolor "
    canvas.set_quality("photograph")
    preset = QUALITY_PRESETS["photograph"]
    assert (canvas.quality_text, canvas.negative_text) == (preset.quality, preset.negative)
    region = canvas.scene.regions[0]
    assert region.prompt == f"house, watercolor, {preset.quality}"
    assert region.negative_prompt == preset.negative
    assert canvas.regions[0]["prompt"] == "house" and canvas.background == "sky"
    runs = len(engine.runs)
    canvas.generate(timeout=10)
    assert len(engine.runs) > runs, "other texts are another picture"
    canvas.save(tmp_path / "a.sdraw")
    with make(size=(64, 64)) as other:
        other.load(tmp_path / "a.sdraw")
        assert other.regions[0]["prompt"] == "house" and other.scene.key == canvas.scene.key
        assert other._drawing(painted=False).result is not None, "the file's picture is that of this drawing"
    canvas.set_quality(QualityPreset("mine", "crisp", ""))
    canvas.style_text = ""
    assert canvas.scene.regions[0].prompt == "house, crisp"
    canvas.set_quality("none")
    assert canvas.scene.key == first.key
    with pytest.raises(KeyError, match="none, photograph"):
        canvas.set_quality("best")
    for name in ("style_text", "quality_text", "negative_text"):
        with pytest.raises(ValueError, match="1000"):
            setattr(canvas, name, "x" * 1001)


def test_looking_back_brings_the_texts_of_that_time(canvas: SemanticDraw) -> None:  # noqa: F811
    canvas.background = "sky"
    canvas.style_text = "watercolor"
    canvas.generate(timeout=10)
    canvas.style_text = "oil"
    canvas.generate(timeout=10)
    canvas.restore(0)
    assert (canvas.style_text, canvas.background) == ("watercolor", "sky")
    assert canvas.scene.background.prompt == "sky, watercolor"


def test_what_is_said_of_a_text_is_said_once() -> None:
    def told(scene: Scene) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for who, prompt in [("background", scene.background.prompt), *((r.id, r.prompt) for r in scene.regions)]:
            if unknown := [word for word in prompt.replace(",", "").split() if word.startswith("x")]:
                found.setdefault(who, []).append({"code": "unknown_words", "message": "?", "words": unknown})
            if len(prompt) > 12:
                found.setdefault(who, []).append({"code": "long_prompt", "message": "cut"})
        return found

    scene = Scene((16, 16), "sky", [Region("xo", np.ones((16, 16)), id="a"), Region("b", np.ones((16, 16)), id="b")])
    assert remarks(told, scene, Texts()) == told(scene)
    found = remarks(told, scene, Texts("xsoft", "xfine"))
    words = {who: [one.get("words", one["code"]) for one in some] for who, some in found.items()}
    assert words == {
        "background": ["long_prompt"],
        "a": ["long_prompt", ["xo"]],
        "b": ["long_prompt"],
        "": [["xsoft", "xfine"]],
    }


def test_strength_at_a_share_of_the_steps(canvas: SemanticDraw) -> None:  # noqa: F811
    levels = [0.998, 0.97, 0.85, 0.48]
    assert [strength_at(share, levels) for share in (0, 0.25, 0.5, 0.75, 1)] == [0, 0.48, 0.85, 0.97, 1]
    assert strength_at(0.125, levels) == pytest.approx(0.24)
    for share in (0, 0.01, 0.3, 0.62, 0.99, 1):
        assert share_of(strength_at(share, levels), levels) == pytest.approx(share)
    assert strength_at(0.3, []) == share_of(0.3, [1.0]) == pytest.approx(0.3)
    until(lambda: canvas.model_facts)
    assert canvas.strength_at(0.75) == 0.75  # the fake engine's levels are even
    with pytest.raises(ValueError, match="share"):
        canvas.strength_at(1.5)


def test_what_the_canvas_sets_is_checked(canvas: SemanticDraw) -> None:  # noqa: F811
    comm = watch(canvas)
    comm.update(style_text="soft", grid=True, outlines_only=True, side_by_side=True)
    assert (canvas.style_text, canvas.grid, canvas.outlines_only, canvas.side_by_side) == ("soft", True, True, True)
    for name, value in {"style_text": 3, "paused": "yes", "grid": 1, "quality_text": "x" * 1001, "opacity": 2}.items():
        comm.update(**{name: value})
    assert [
        name for name in ("style", "paused", "grid", "quality", "opacity") if name not in str(comm.messages("error"))
    ] == []
    assert (canvas.style_text, canvas.paused, canvas.grid, canvas.quality_text) == ("soft", False, True, "")


def test_opacity_of_the_masks(canvas: SemanticDraw) -> None:  # noqa: F811
    comm = watch(canvas)
    assert canvas.opacity == 0.35
    comm.update(opacity=0.6)
    assert canvas.opacity == 0.6
    canvas.opacity = 1
    assert canvas.opacity == 1.0
    for value in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="opacity of the masks is a number, 0"):
            canvas.opacity = value
    assert canvas.opacity == 1.0
