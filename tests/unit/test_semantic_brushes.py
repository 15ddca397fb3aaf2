"""Semantic brushes: saved from a region, used for another, and in files that strangers may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from semanticdraw_widget import SemanticDraw
from semanticdraw_widget.semantic_brushes import MAX_FILE, BrushError, from_json, joined, to_json
from unit.test_widget import RecordingComm, canvas, engine, make, watch  # noqa: F401, fixtures

OAK = {
    "name": "oak",
    "prompt": "old oak tree",
    "negative_prompt": "pine",
    "color": "#009e73",
    "strength": 0.5,
    "prompt_strength": 1.0,
    "feather": 4.0,
    "seed": 7,
}
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "brushes.json").read_text())


def test_a_region_becomes_a_brush_and_a_brush_a_region(canvas: SemanticDraw) -> None:  # noqa: F811
    settings = {field: value for field, value in OAK.items() if field not in ("name", "prompt")}
    canvas.add_region("old oak tree", **settings)
    assert canvas.save_brush(0, "oak") == "oak"
    assert canvas.brushes == [OAK]
    assert canvas.save_brush(0) == "old oak tree"
    assert canvas.save_brush(0) == "old oak tree 2"
    canvas.region(0).prompt = "young oak"
    assert canvas.save_brush(0, "oak") == "oak"
    assert [brush["prompt"] for brush in canvas.brushes] == ["young oak", "old oak tree", "old oak tree"]

    region = canvas.use_brush("oak")
    used = {field: region[field] for field in settings if field != "color"}
    assert used == {field: value for field, value in settings.items() if field != "color"}
    assert (region.prompt, region.name) == ("young oak", "oak")
    assert region.color != OAK["color"], "regions are told apart"
    canvas.remove_brush("oak")
    assert [brush["name"] for brush in canvas.brushes] == ["old oak tree", "old oak tree 2"]
    assert region.prompt == "young oak"
    with pytest.raises(KeyError, match="no brush 'oak'; there are old oak tree"):
        canvas.use_brush("oak")
    canvas.regions = [{"prompt": ""}]
    with pytest.raises(BrushError, match="no prompt"):
        canvas.save_brush(0)


def test_brushes_travel_in_a_file(canvas: SemanticDraw, tmp_path: Path) -> None:  # noqa: F811
    canvas.brushes = [OAK, {"name": "sea", "prompt": "sea"}]
    before = canvas.brushes
    canvas.export_brushes(tmp_path / "b.json")
    assert canvas.import_brushes(tmp_path / "b.json") == ["oak", "sea"], "those that are there are not kept twice"
    canvas.brushes = [{"name": "sea", "prompt": "calm sea"}]
    assert canvas.import_brushes(tmp_path / "b.json") == ["sea", "oak", "sea 2"]
    assert [brush for brush in canvas.brushes if brush["name"] != "sea"] == [before[0], {**before[1], "name": "sea 2"}]
    (tmp_path / "bad.json").write_text(to_json([OAK]).replace('"version": 1', '"version": 9'))
    with pytest.raises(BrushError, match="version 9"):
        canvas.import_brushes(tmp_path / "bad.json")
    assert len(canvas.brushes) == 3


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_files_that_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BrushError, match=case["says"]):
        from_json(case["text"])


@pytest.mark.parametrize("case", VECTORS["read"], ids=lambda case: case["why"])
def test_files_that_are_read(case: dict[str, Any]) -> None:
    assert from_json(case["text"]) == case["brushes"]
    assert from_json(to_json(case["brushes"])) == case["brushes"]


def test_files_that_cost_too_much_are_refused() -> None:
    with pytest.raises(BrushError, match=str(MAX_FILE)):
        from_json(" " * (MAX_FILE + 1))
    with pytest.raises(BrushError, match="does not parse"):
        from_json("[" * 100_000)
    many = [{**OAK, "name": str(i)} for i in range(257)]
    with pytest.raises(BrushError, match="at most 256"):
        from_json(json.dumps({"format": "semanticdraw-brushes", "version": 1, "brushes": many}))
    with pytest.raises(BrushError, match="at most 256"):
        joined(many[:200], [{**brush, "prompt": "other"} for brush in many[:57]])


def test_the_canvas_may_set_brushes_that_can_be_used(canvas: SemanticDraw) -> None:  # noqa: F811
    comm = watch(canvas)
    comm.update(brushes=[OAK])
    assert canvas.brushes == [OAK]
    comm.update(brushes=[{**OAK, "strength": 3}])
    assert canvas.brushes == [OAK]
    assert any("strength" in message["message"] for message in comm.messages("error"))
