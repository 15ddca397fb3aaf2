"""The widget in a real kernel: idle and busy cells, sends from the worker, pages that come and go.

The kernel is the installed ipykernel; a Page (browser_double.py) is the front end. Where the kernel has no
subshells (ipykernel 6), messages wait for the cell, and then nothing of them may be lost.
"""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

from kernel.browser_double import Page
from semanticdraw_widget.masks import pack

pytestmark = pytest.mark.kernel

SIZE = 64


@pytest.fixture
def canvas(page: Page, model: str) -> str:
    """A canvas with one region "r", its first picture settled; the id of its comm."""
    page.run_cell(f"canvas = SemanticDraw({model!r}, size=({SIZE}, {SIZE}), background='sky', seed=1)")
    comm = page.opened_comm()
    page.custom(comm, {"type": "ready", "view": 1})
    page.update(comm, regions=[{"id": "r", "prompt": "house"}])
    page.until(lambda: page.settled(comm))
    page.run_cell("canvas.generate()")
    return comm


def stroke(page: Page, comm: str, seq: int, final: bool = True) -> None:
    """Row `seq` of 4 px is painted."""
    box = [0, 4 * (seq % 16), SIZE, 4]
    content = {"type": "mask_patch", "seq": seq, "region": "r", "box": box, "final": final}
    page.custom(comm, content, pack(np.full((4, SIZE), 255, np.uint8)))


def painted_rows(page: Page) -> list[int]:
    code = "print([y // 4 for y in range(0, 64, 4) if canvas.mask('r')[y].all()])"
    rows: list[int] = eval(page.run_cell(code))
    return rows


def answered_during(page: Page, comm: str, code: str, seq: int) -> bool:
    """Run a cell and paint while it runs: whether answer and picture came before the cell's end."""
    cell = page.start_cell("print('running')\n" + code)
    page.until(lambda: any(m["content"].get("text") == "running\n" for m in page.published[-20:]))
    page.read_for(1.0)  # frames of what the cell itself has changed
    before = len(page.settled(comm))
    stroke(page, comm, seq)
    page.custom(comm, {"type": "no such type", "seq": seq})  # is answered with an error
    page.until(lambda: page.messages(comm, "error") and len(page.settled(comm)) > before)
    early = not page.is_done(cell)
    page.finish_cell(cell)
    return early


def test_an_idle_kernel_answers_a_stroke_with_frames(page: Page, canvas: str) -> None:
    before = len(page.messages(canvas, "frame"))
    stroke(page, canvas, 1)
    page.until(lambda: len(page.messages(canvas, "frame")) > before)
    page.until(lambda: page.messages(canvas, "frame")[-1]["kind"] == "settled")
    frames = page.messages(canvas, "frame")[before:]
    assert frames[0]["kind"] == "preview" and frames[0]["step"] == 1
    assert [f["seq"] for f in frames] == sorted({f["seq"] for f in frames})
    picture = np.asarray(Image.open(io.BytesIO(frames[-1]["png"])))
    page.run_cell("import io, numpy as np; from PIL import Image")
    kernel_side = page.run_cell("print(np.asarray(canvas.image).sum(), canvas.image.size)")
    assert kernel_side.split() == [str(picture.sum()), f"({SIZE},", f"{SIZE})"]
    assert painted_rows(page) == [1]


@pytest.mark.parametrize(
    "cell",
    [
        "time.sleep(4)",
        "canvas.seed = 5; time.sleep(4)",
        "canvas.generate(); time.sleep(4)",
        "await asyncio.sleep(4)",
    ],
)
def test_a_busy_cell_does_not_hold_up_the_canvas(page: Page, canvas: str, cell: str) -> None:
    assert answered_during(page, canvas, cell, seq=2) == (page.subshell is not None)
    assert painted_rows(page) == [2]


def test_the_cell_that_makes_the_canvas_may_be_the_busy_one(page: Page, model: str) -> None:
    code = f"canvas = SemanticDraw({model!r}, size=(64, 64), background='sky')\nprint('made'); time.sleep(5)"
    cell = page.start_cell(code)
    page.until(lambda: any(m["content"].get("text") == "made\n" for m in page.published))
    comm = page.opened_comm()
    page.custom(comm, {"type": "ready", "view": 1})
    page.until(lambda: page.settled(comm))
    assert page.is_done(cell) == (page.subshell is None)
    page.finish_cell(cell)


def test_nothing_drawn_during_a_busy_cell_is_lost(page: Page, canvas: str) -> None:
    cell = page.start_cell("time.sleep(2)")
    for seq in range(1, 13):
        stroke(page, canvas, seq, final=seq % 4 == 0)
        time.sleep(0.02)
    page.finish_cell(cell)
    assert painted_rows(page) == list(range(1, 13))
    assert page.messages(canvas, "error") == []


def test_generate_in_a_cell_while_somebody_paints(page: Page, canvas: str) -> None:
    cell = page.start_cell("for seed in range(3): canvas.seed = seed; print(canvas.generate(60).size)")
    for seq in range(1, 9):
        stroke(page, canvas, seq)
        time.sleep(0.05)
    assert page.finish_cell(cell).count(f"({SIZE}, {SIZE})") == 3
    page.until(lambda: page.messages(canvas, "status")[-1]["state"] == "idle")
    assert painted_rows(page) == list(range(1, 9))


def test_a_page_whose_subshell_is_gone_is_followed_by_another(page: Page, canvas: str) -> None:
    """A page that is closed takes its subshell along; the next one must be heard all the same."""
    if page.subshell is not None:
        gone = page.subshell
        page.open_subshell()
        page.delete_subshell(gone)
    before = len(page.settled(canvas))
    page.custom(canvas, {"type": "ready", "view": 2})
    page.until(lambda: len(page.settled(canvas)) > before)
    stroke(page, canvas, 3)
    page.until(lambda: len(page.settled(canvas)) > before + 1)


def test_frames_that_nobody_confirms_are_forgiven(page: Page, canvas: str) -> None:
    page.confirms = False
    for seq in (1, 2, 3):
        before = len(page.settled(canvas))
        stroke(page, canvas, seq)
        page.until(lambda before=before: len(page.settled(canvas)) > before)


def test_a_closed_comm_leaves_the_canvas_to_python(page: Page, canvas: str) -> None:
    page.close_comm(canvas)
    assert page.run_cell("print(canvas.generate(60).size)") == f"({SIZE}, {SIZE})\n"
    page.run_cell("canvas.set_prompt('r', 'tree'); canvas.generate(60)")


def test_malformed_messages_and_state(page: Page, canvas: str) -> None:
    page.custom(canvas, {"type": "mask_patch", "seq": 9})
    page.custom(canvas, {"type": "launch"})
    page.update(canvas, regions=[{"prompt": "x", "hue": 1}], background="sea")
    page.until(lambda: len(page.messages(canvas, "error")) == 3)
    codes = [error["code"] for error in page.messages(canvas, "error")]
    assert codes == ["missing_field", "unknown_type", "bad_state"]
    assert page.messages(canvas, "error")[0]["seq"] == 9
    page.until(lambda: page.run_cell("print(canvas.background, len(canvas.regions))") == "sea 1\n")


def test_an_unknown_model_is_an_error_with_a_retry(page: Page, model: str) -> None:
    page.run_cell("canvas = SemanticDraw('/no/such/model', size=(64, 64), background='sky')")
    comm = page.opened_comm()
    page.custom(comm, {"type": "ready", "view": 1})
    page.until(lambda: page.messages(comm, "error"))
    error = page.messages(comm, "error")[-1]
    assert error["code"] == "model_not_found" and error["action"] == "retry" and error["hint"]
    caught = "try: canvas.generate(60)\nexcept Exception as error: print(type(error).__name__)"
    assert page.run_cell(caught) == "ModelNotFound\n"
    page.run_cell(f"canvas.model = {model!r}")
    page.until(lambda: page.settled(comm))
    page.run_cell("canvas.close()")


def test_close_ends_the_thread_and_frees_the_engine(page: Page, canvas: str) -> None:
    page.run_cell("import threading, semanticdraw_widget.engine_cache as cache; canvas.close()")
    names = page.run_cell("print([t.name for t in threading.enumerate()], len(cache.shared_engines))")
    assert "semanticdraw-session" not in names and names.endswith(" 0\n")


def test_another_way_of_guidance_paints_again(page: Page, canvas: str) -> None:
    """From the canvas and from Python; the remark on a negative prompt follows."""
    page.run_cell("canvas.mode = 'exact'; canvas.set_mask('r', [[True] * 64] * 64)")
    page.run_cell("canvas.region('r').negative_prompt = 'tree'; canvas.generate()")
    told = "print([n['code'] for n in canvas.notices.get('r', [])])"
    page.until(lambda: page.run_cell(told) == "['negative_unused']\n")
    before = page.settled(canvas)[-1]
    page.update(canvas, cfg="full")
    page.until(lambda: page.settled(canvas)[-1]["revision"] > before["revision"])
    page.until(lambda: page.run_cell(told) == "[]\n")
    full = page.settled(canvas)[-1]
    assert full["png"] != before["png"]
    page.run_cell("canvas.cfg = 'self'; canvas.generate()")
    page.until(lambda: page.settled(canvas)[-1]["revision"] > full["revision"])
    page.until(lambda: page.run_cell(told) == "['negative_unused']\n")
    page.run_cell("canvas.cfg = 'auto'; canvas.generate()")
    page.until(lambda: page.settled(canvas)[-1]["png"] == before["png"])
    page.update(canvas, cfg="strong")
    page.until(lambda: page.messages(canvas, "error"))
    assert "auto, none, full, initialise, self" in page.messages(canvas, "error")[-1]["message"]
