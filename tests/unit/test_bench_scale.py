"""``bench scale``: that its points are what they say. Figures themselves are not tested: machines differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from semanticdraw_widget.bench.__main__ import main
from semanticdraw_widget.bench.scale import bars
from semanticdraw_widget.bench.scenes import prompted, scene_with, with_box
from semanticdraw_widget.engine import load_engine
from semanticdraw_widget.engine.crops import box
from semanticdraw_widget.engine.increment import changed
from semanticdraw_widget.engine.method import MASKED
from unit.tiny_models import tiny_folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"), guidance_embedding=True, prediction="v_prediction")
    (folder / "semanticdraw.json").write_text(json.dumps({"name": "tiny", "steps": 4, "canvas": [128, 128]}))
    return folder


@pytest.mark.parametrize("size", [(128, 128), (256, 128)])
@pytest.mark.parametrize("part", [64, 16, 4, 1])
def test_a_box_dirties_its_share_of_the_canvas(model: Path, size: tuple[int, int], part: int) -> None:
    engine = load_engine(model, device="cpu")
    scene = with_box(scene_with(3, size, 0), 1 / part)
    old, new = (engine.plan(prompted(scene, number), 4, 1.0, MASKED) for number in (4, 5))
    dirty = changed(old, new)
    around = box(dirty)
    assert around is not None
    assert around.area == dirty.sum() == dirty.numel() / part


def test_edits_differ_round_by_round() -> None:
    scene = with_box(scene_with(3, (128, 128), 0), 1 / 16)
    assert len({prompted(scene, number).key for number in range(10)}) == 10


def test_scale_writes_stable_json(model: Path, tmp_path: Path) -> None:
    target, chart = tmp_path / "scale.json", tmp_path / "scale.png"
    options = ["--model", str(model), "--device", "cpu", "--rounds", "1", "--regions", "1", "9", "--sides", "64", "128"]
    main(["scale", *options, "--step-counts", "1", "3", "--json", str(target), "--plot", str(chart)])
    result = json.loads(target.read_text())
    assert set(result) == {
        "machine",
        "model",
        "canvas",
        "steps",
        "rounds",
        "dirty_area",
        "regions",
        "side",
        "step_counts",
        "notes",
        "bars",
    }
    assert (result["model"], result["canvas"], result["steps"], result["notes"]) == ("tiny", [128, 128], 4, [])
    shares = [row["share"] for row in result["dirty_area"]]
    assert shares == pytest.approx([1 / 64, 1 / 16, 1 / 4, 1], abs=1e-4)
    for row in result["dirty_area"]:
        assert set(row) == {"share", "increment_ms", "full_ms", "ratio", "network_samples", "full_network_samples"}
        assert row["increment_ms"] > 0
    # The whole canvas is dirty: nothing is kept. A smaller box asks less of the network.
    spent = [row["network_samples"] / row["full_network_samples"] for row in result["dirty_area"]]
    assert spent == sorted(spent)
    assert spent[0] < spent[-1] == 1
    for series, name, values in (
        ("regions", "regions", [1, 9]),
        ("side", "side", [64, 128]),
        ("step_counts", "steps", [1, 3]),
    ):
        assert [(row[name], row["mode"]) for row in result[series]] == [
            (value, mode) for value in values for mode in ("exact", "masked")
        ]
        assert [row["ratio"] for row in result[series][:2]] == [1, 1]
    assert [bar["limit"] for bar in result["bars"]] == [0.333, 1.5]
    assert Image.open(chart).size == (1240, 800)


def test_a_series_without_values_is_left_out(model: Path, tmp_path: Path) -> None:
    options = ["--model", str(model), "--device", "cpu", "--rounds", "1", "--size", "64", "--regions", "2"]
    result = main(["scale", *options, "--modes", "crops", "--dirty-areas", "--sides", "--step-counts"])
    assert result["canvas"] == [64, 64]
    assert [(row["regions"], row["mode"]) for row in result["regions"]] == [(2, "crops")]
    assert [result[name] for name in ("dirty_area", "side", "step_counts", "bars")] == [[], [], [], []]


def test_bars_are_met_or_missed() -> None:
    rows = [{"regions": n, "mode": "masked", "ratio": ratio} for n, ratio in ((1, 1.0), (9, 1.6))]
    dirty = [{"share": share, "ratio": ratio} for share, ratio in ((0.0156, 0.2), (0.0625, 0.3))]
    met = [(bar["ratio"], bar["met"]) for bar in bars({"regions": rows, "dirty_area": dirty})]
    assert met == [(0.3, True), (1.6, False)]


def test_what_memory_has_no_room_for_is_left_out_and_noted(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from semanticdraw_widget.engine.families.sd import StableDiffusion

    plain = StableDiffusion.network

    def small_memory(self: StableDiffusion, x: torch.Tensor, *args: object, **more: object) -> torch.Tensor:
        if x[0].numel() > 4 * 8 * 8:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return plain(self, x, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(StableDiffusion, "network", small_memory)
    options = ["--model", str(model), "--device", "cpu", "--rounds", "2", "--size", "64", "--modes", "exact"]
    result = main(["scale", *options, "--dirty-areas", "--regions", "--sides", "64", "128", "--step-counts"])
    assert [row["side"] for row in result["side"]] == [64]
    assert len(result["notes"]) == 1
    assert "128x128" in result["notes"][0]
