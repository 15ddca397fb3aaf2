"""In which language the canvas speaks, as Python says it."""

import re
from pathlib import Path

import pytest
from traitlets import TraitError

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.canvas_values import LANGUAGES

SOURCES = Path(__file__).parents[2] / "js" / "src"


@pytest.fixture
def canvas():
    with SemanticDraw(size=(16, 16)) as canvas:
        yield canvas


def test_is_that_of_the_page_unless_somebody_chooses(canvas):
    assert canvas.language is None
    assert canvas.get_state("language") == {"language": None}


def test_is_chosen_at_first_or_later_and_observed():
    with SemanticDraw(size=(16, 16), language="de") as canvas:
        heard = []
        canvas.observe(lambda change: heard.append(change.new), "language")
        assert canvas.language == "de"
        for language in ("de-AT", "en", None):
            canvas.language = language
        assert heard == ["de-AT", "en", None]


@pytest.mark.parametrize("wrong", ["", "xx", "german", "de-", "de AT", "d", "deutsch-DE"])
def test_is_refused_with_those_that_there_are(canvas, wrong):
    with pytest.raises(ValueError, match=f"'en' or 'de'.*None.*not {wrong!r}"):
        canvas.language = wrong
    with pytest.raises(ValueError, match="language is 'en' or 'de'"):
        SemanticDraw(size=(16, 16), language=wrong)
    assert canvas.language is None


def test_is_a_text(canvas):
    with pytest.raises(TraitError):
        canvas.language = 3


def test_from_the_browser_is_checked_too(canvas):
    canvas.set_state({"language": "de"})
    canvas.set_state({"language": "tlh"})
    assert canvas.language == "de"


def test_is_no_part_of_the_drawing(canvas):
    before = canvas.scene
    canvas.language = "de"
    assert canvas.scene == before


def test_is_one_of_those_that_the_canvas_has():
    files = {path.stem for path in (SOURCES / "languages").glob("*.ts")}
    table = re.search(r"LANGUAGES[^{]*=\s*{([^}]*)}", (SOURCES / "language.ts").read_text(encoding="utf-8"))
    assert table and {name.strip() for name in table[1].split(",")} - {""} == files == set(LANGUAGES)
