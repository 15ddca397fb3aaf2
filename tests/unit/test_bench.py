"""The bench's measures, layouts and JSON. Figures themselves are not tested: machines differ."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from semanticdraw_widget.bench.__main__ import main
from semanticdraw_widget.bench.fidelity import CONTENDERS, ahead, segmenter_accuracy
from semanticdraw_widget.bench.fidelity import table as fidelity_table
from semanticdraw_widget.bench.layouts import ALIKE, KINDS, Layout, layouts
from semanticdraw_widget.bench.measures import color_accuracy, iou, outside_change, score, seam
from semanticdraw_widget.bench.options import METHODS
from semanticdraw_widget.bench.painting import painted_layout
from semanticdraw_widget.bench.scenes import edits, scene_with
from semanticdraw_widget.bench.stroke import path
from semanticdraw_widget.crayon.objects import KINDS as DRAWN
from semanticdraw_widget.crayon.segmenter import Segmenter, SegmenterNet
from semanticdraw_widget.crayon.vocabulary import COLOR_LABELS, CONCEPTS, LABELS, OBJECTS, color_of, concept_of
from unit.tiny_models import tiny_folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"), guidance_embedding=True, prediction="v_prediction")
    (folder / "semanticdraw.json").write_text(json.dumps({"name": "tiny", "steps": 4, "canvas": [64, 64]}))
    return folder


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segmenter with random weights in the place of the one that ships."""
    torch.manual_seed(0)
    segmenter = Segmenter(SegmenterNet())
    monkeypatch.setattr(Segmenter, "load", lambda: segmenter)


def test_a_perfect_picture_scores_one() -> None:
    for layout in layouts(10, seed=3, size=128):
        labels = np.full((128, 128), LABELS[layout.scene.background.prompt], np.uint8)
        for index, concept in enumerate(layout.concepts):
            labels[layout.visible(index)] = LABELS[concept]
        rgb = np.zeros((128, 128, 3), np.uint8)
        result = score(layout, rgb, labels)
        assert result.region_iou == 1
        assert result.leakage == 0


def test_a_picture_of_the_background_alone_scores_nothing() -> None:
    for layout in layouts(5, seed=3, size=128):
        labels = np.full((128, 128), LABELS[layout.scene.background.prompt], np.uint8)
        assert score(layout, np.zeros((128, 128, 3), np.uint8), labels).region_iou == 0


def test_leakage_counts_what_lies_outside() -> None:
    layout = next(one for one in layouts(5, seed=1, size=128) if one.kind == "plain")
    everywhere = np.full((128, 128), LABELS[layout.concepts[0]], np.uint8)
    assert score(layout, np.zeros((128, 128, 3), np.uint8), everywhere).leakage > 0.5


def test_iou() -> None:
    a, b = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    a[:2], b[1:3] = True, True
    assert iou(a, b) == pytest.approx(4 / 12)
    assert iou(np.zeros((2, 2), bool), np.zeros((2, 2), bool)) == 1


def test_seam_sees_a_cut_at_the_border_only() -> None:
    mask = np.zeros((64, 64), bool)
    mask[16:48, 16:48] = True
    rng = np.random.default_rng(0)
    even = rng.integers(100, 110, (64, 64, 1), dtype=np.uint8).repeat(3, 2)
    cut = even.copy()
    cut[mask] += 60
    assert seam(even, [mask]) == pytest.approx(1, abs=0.15)
    assert seam(cut, [mask]) > 5


def test_change_outside_ignores_the_edit_and_its_margin() -> None:
    before = np.zeros((64, 64, 3), np.uint8)
    edited = np.zeros((64, 64), bool)
    edited[20:30, 20:30] = True
    after = before.copy()
    after[10:40, 10:40] = 50
    assert outside_change(before, after, edited, margin=16) == 0
    after[60, 60] = 90
    assert outside_change(before, after, edited, margin=16) > 0


def test_layouts_repeat_and_are_what_their_kind_says() -> None:
    first, again = layouts(40, seed=5), layouts(50, seed=5)[:40]
    assert [one.scene.key for one in first] == [one.scene.key for one in again]
    assert {one.kind for one in first} == set(KINDS)
    for one in first:
        names = [one.scene.background.prompt, *one.concepts]
        assert len(set(names)) == len(names)
        assert not any({a, b} in ALIKE for a in names for b in names)
    by_kind: dict[str, list[Layout]] = {kind: [one for one in first if one.kind == kind] for kind in KINDS}
    assert any(overlap(one) > 0.1 for one in by_kind["overlapping"])
    assert all(overlap(one) < 0.05 for one in by_kind["plain"])
    assert all((r.mask > 0).mean() < 0.055 for one in by_kind["small"] for r in one.scene.regions)
    assert all(((r.mask > 0) & (r.mask < 255)).mean() > 0.01 for one in by_kind["soft"] for r in one.scene.regions)
    for one in by_kind["touching"]:
        gaps = np.diff(np.concatenate([np.nonzero(r.mask[128] > 127)[0] for r in one.scene.regions]))
        assert gaps.max() <= 2


def test_about_half_of_the_objects_ask_for_a_color() -> None:
    asked = [
        (region.prompt, concept, color)
        for layout in layouts(60, seed=2, size=128)
        for region, concept, color in zip(layout.scene.regions, layout.concepts, layout.colors, strict=True)
    ]
    for prompt, concept, color in asked:
        assert (concept_of(prompt), color_of(prompt)) == (concept, color)
        assert color is None or DRAWN[concept].color is not None
    colored = [color is not None for _, concept, color in asked if concept in OBJECTS]
    assert 0.35 < np.mean(colored) < 0.6
    assert len({color for *_, color in asked}) > 8


def test_pairs_that_are_alike_are_concepts() -> None:
    assert all(len(pair) == 2 and pair <= set(CONCEPTS) for pair in ALIKE)


def colored_layout() -> tuple[Layout, int]:
    """A layout, and the first of its regions that asks for a color."""
    layout = next(one for one in layouts(20, seed=2, size=128) if any(one.colors))
    return layout, next(i for i, color in enumerate(layout.colors) if color)


def colors_asked(layout: Layout) -> np.ndarray:
    seen = np.zeros((128, 128), np.uint8)
    for index, color in enumerate(layout.colors):
        seen[layout.visible(index)] = COLOR_LABELS[color] if color else 0
    return seen


def test_color_accuracy_counts_regions_that_mostly_show_their_color() -> None:
    layout, index = colored_layout()
    count = sum(color is not None for color in layout.colors)
    seen, where = colors_asked(layout), layout.visible(index)
    assert color_accuracy([(layout, seen)]) == 1
    other = next(label for label in COLOR_LABELS.values() if label != COLOR_LABELS[layout.colors[index]])
    rows, columns = np.nonzero(where)
    few, most = len(rows) // 3, 2 * len(rows) // 3
    seen[rows[:few], columns[:few]] = other
    assert color_accuracy([(layout, seen)]) == 1
    seen[rows[:most], columns[:most]] = other
    assert color_accuracy([(layout, seen)]) == pytest.approx(1 - 1 / count)
    seen[where] = 0  # no color at all
    assert color_accuracy([(layout, seen)]) == pytest.approx(1 - 1 / count)
    assert color_accuracy([(layout, seen), (layout, colors_asked(layout))]) == pytest.approx(1 - 0.5 / count)


def test_pixels_without_color_do_not_count_against_one() -> None:
    layout, index = colored_layout()
    seen = colors_asked(layout)
    rows, columns = np.nonzero(layout.visible(index))
    seen[rows[5:], columns[5:]] = 0
    assert color_accuracy([(layout, seen)]) == 1


def test_color_accuracy_of_no_color_is_none() -> None:
    layout = next(one for one in layouts(40, seed=2, size=128) if not any(one.colors))
    assert color_accuracy([(layout, np.ones((128, 128), np.uint8))]) is None
    assert color_accuracy([]) is None


def overlap(layout: Layout) -> float:
    count = np.sum([region.mask > 127 for region in layout.scene.regions], axis=0)
    return float((count > 1).sum() / (count > 0).sum())


def test_every_edit_changes_the_picture() -> None:
    scene = scene_with(3, (64, 64), 0)
    keys = [scene.key, *(one.key for one in edits(scene, 20, 0))]
    assert all(a != b for a, b in itertools.pairwise(keys))


def test_speed_writes_stable_json(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "speed.json"
    main(
        [
            "speed",
            "--model",
            str(model),
            "--device",
            "cpu",
            "--edits",
            "3",
            "--regions",
            "1",
            "2",
            "--modes",
            "exact",
            "auto",
            "--json",
            str(target),
            "--plot",
            str(tmp_path / "speed.png"),
        ]
    )
    assert Image.open(tmp_path / "speed.png").width > 600
    result = json.loads(target.read_text())
    assert set(result) == {
        "machine",
        "model",
        "canvas",
        "steps",
        "matmul_gflops",
        "compile",
        "waits_per_frame",
        "idle",
        "rows",
    }
    assert (result["compile"], result["waits_per_frame"]) == ("none", None)
    assert result["matmul_gflops"] > 0
    assert result["idle"]["engine_calls"] == 0
    assert (result["model"], result["canvas"], result["steps"]) == ("tiny", [64, 64], 4)
    assert [(r["mode"], r["regions"]) for r in result["rows"]] == [
        ("exact", 1),
        ("auto", 1),
        ("published", 1),
        ("exact", 2),
        ("auto", 2),
        ("published", 2),
    ]
    for row in result["rows"]:
        assert set(row) == {
            "mode",
            "regions",
            "first_preview_ms",
            "settled_ms",
            "fps",
            "network_samples_per_edit",
            "peak_memory_mb",
            "gflop_per_edit",
            "ceiling_share",
        }
        assert 0 < row["first_preview_ms"]["p50"] <= row["settled_ms"]["p50"]
    flops = {(r["mode"], r["regions"]): r["gflop_per_edit"] for r in result["rows"]}
    # Theirs asks for 40 and 60 samples where ours asks for 7 and 10; both decode one picture.
    more, most = (flops["published", count] - flops["exact", count] for count in (1, 2))
    assert most / more == pytest.approx((60 - 10) / (40 - 7), rel=0.1)
    samples = {(r["mode"], r["regions"]): r["network_samples_per_edit"] for r in result["rows"] if r["mode"] != "auto"}
    # Ours denoises once: a row a prompt (regions and background) a step, but in the first step the edited prompt's
    # alone; theirs fills the pipe anew: all of that, five times.
    assert samples == {
        ("exact", 1): 4 * 2 - 1,
        ("published", 1): 5 * 4 * 2,
        ("exact", 2): 4 * 3 - 2,
        ("published", 2): 5 * 4 * 3,
    }


def fidelity(model: Path, *options: str) -> dict[str, Any]:
    return main(["fidelity", "--model", str(model), "--device", "cpu", *options])


@pytest.mark.usefixtures("untrained")
def test_fidelity_writes_stable_json(model: Path, tmp_path: Path) -> None:
    target, sheet = tmp_path / "fidelity.json", tmp_path / "sheet.png"
    options = ["--layouts", "6", "--many-step-layouts", "2", "--plot", str(tmp_path / "chart.png")]
    fidelity(model, *options, "--json", str(target), "--picture", str(sheet))
    result = json.loads(target.read_text())
    assert (result["model"], result["layouts"]) == ("tiny", 6)
    assert tuple(row["method"] for row in result["rows"]) == METHODS
    for row in result["rows"]:
        assert {"region_iou", "leakage", "seam", "outside_change", "color_accuracy", "frechet"} <= set(row)
        assert 0 <= row["region_iou"] <= 1
        assert row["frechet"] > 0
        if row["method"] == "increment":
            assert row["outside_change"] == 0
        assert (row["outside_change"] is None) == (row["method"] == "painter")
        base = next(other for other in result["rows"] if other["method"] == "multidiffusion-lcm")
        if row["layouts"] < 6 or row is base:
            assert row["ahead_of_unrepaired"] is None
        else:
            assert row["ahead_of_unrepaired"]["by"] == pytest.approx(row["region_iou"] - base["region_iou"], abs=2e-4)
    assert sheet.stat().st_size > 0
    assert Image.open(tmp_path / "chart.png").width > 600


def test_a_lead_is_told_from_pairs() -> None:
    """Layouts that differ much, a method that is always a little ahead: the error is that of the little."""
    base = [{"region_iou": value} for value in (0.1, 0.5, 0.9, 0.3)]
    better = [{"region_iou": value} for value in (0.12, 0.52, 0.94, 0.32)]
    assert ahead(better, base) == {"by": 0.025, "error": 0.005}
    assert ahead(better[:1], base[:1]) is None
    assert ahead(better, base[:3]) is None


@pytest.mark.usefixtures("untrained")
def test_fidelity_of_some_contenders_and_single_pictures(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = fidelity(model, "--only", "masked", "multidiffusion-50", "--layouts", "2", "--many-step-layouts", "1")[
        "rows"
    ]
    assert [row["method"] for row in rows] == ["multidiffusion-50", "masked"]
    assert [row["frechet"] is None for row in rows] == [True, False]
    assert "multidiffusion-50" in capsys.readouterr().out


def test_the_painter_paints_what_a_layout_asks_for() -> None:
    """Each region's pixels differ from the picture without it, nowhere else; always the same picture."""
    for layout in layouts(5):
        whole = painted_layout(layout)
        assert np.array_equal(whole, painted_layout(layout))
        fewer = replace(layout, scene=layout.scene.replace(regions=layout.scene.regions[:-1]))
        last = layout.scene.regions[-1].mask > 127
        changed = (whole != painted_layout(fewer)).any(-1)
        assert not changed[~last].any()
        assert changed[last].mean() > 0.5


def test_the_command_line_knows_every_contender() -> None:
    assert tuple(one.name for one in CONTENDERS) == METHODS


@pytest.mark.parametrize("options", [["--only", "best"], ["--layouts", "0"], ["--many-step-layouts", "0"]])
def test_fidelity_refuses_what_makes_no_sense(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fidelity", *options])
    assert options[0] in capsys.readouterr().err


def test_the_table_tells_how_well_the_segmenter_reads(tmp_path: Path) -> None:
    path = tmp_path / "semanticdraw.json"
    assert segmenter_accuracy(path) == {}
    path.write_text(json.dumps({"training": {}}))
    assert segmenter_accuracy(path) == {}
    accuracy = {"painted": {"all": 0.941, "objects": 0.87, "colors": 0.9}}
    path.write_text(json.dumps({"training": {"segmenter_accuracy": accuracy}}))
    assert segmenter_accuracy(path) == accuracy
    head = fidelity_table({"model": "m", "layouts": 2, "rows": [], "segmenter_accuracy": accuracy}).splitlines()[1]
    assert "painted: all 94.1 %, objects 87.0 %, colors 90.0 %" in head


def test_stroke_writes_json(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "stroke.json"
    options = ["--device", "cpu", "--seconds", "0.4", "--rate", "40", "--size", "64", "--json", str(target)]
    main(["stroke", "--model", str(model), *options])
    result = json.loads(target.read_text())
    assert set(result) == {"machine", "model", "canvas", "steps", "mode", "moves_per_second", "tick_cost", "rows"}
    assert [row["scheduling"] for row in result["rows"]] == ["newest", "stream"]
    fields = {"scheduling", "frames_per_second", "finished_per_second", "late_ms", "settled_after_ms"}
    assert all(set(row) == fields and row["settled_after_ms"] > 0 for row in result["rows"])
    assert all(row["finished_per_second"] <= row["frames_per_second"] for row in result["rows"])
    assert "a pen of 40 scenes a second" in capsys.readouterr().out


def test_a_pen_moves_on_in_each_of_its_scenes() -> None:
    scenes = path(scene_with(3, (128, 128), 0), 200)
    assert len({scene.key for scene in scenes}) > 190
    assert all(scene.regions[:3] == scenes[0].regions[:3] for scene in scenes)
    covered = [int((scene.regions[3].mask > 0).sum()) for scene in scenes]
    assert covered == sorted(covered) and covered[-1] > 4 * covered[0] > 0


def test_startup_writes_json(model: Path, tmp_path: Path) -> None:
    target = tmp_path / "startup.json"
    main(["startup", "--model", str(model), "--device", "cpu", "--json", str(target)])
    result = json.loads(target.read_text())
    assert set(result) == {"model", "imports_s", "canvas_s", "first_picture_s"}
    assert 0 < result["canvas_s"] < result["first_picture_s"]
