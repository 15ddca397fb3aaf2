"""Training runs from nothing to a pipeline folder, and goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image
from safetensors.torch import load_file

from semanticdraw_widget.crayon import samples
from semanticdraw_widget.crayon.curves import curve
from semanticdraw_widget.crayon.export import blended
from semanticdraw_widget.crayon.stage import Clock, Settings, Stage, average
from semanticdraw_widget.crayon.train import STAGES, main
from semanticdraw_widget.crayon.vocabulary import BACKGROUNDS, OBJECTS, STYLES, words

TINY = """
size = 64
pictures = 12
wait = 12
wide = 96
wide_pictures = 4
crowded = 0.5
workers = 0
threads = 1
""" + "".join(f"[stages.{name}]\nminutes = 0.01\nbatch = 2\nrate = 1e-3\neven = 0.2\n" for name in STAGES)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """A run sets how many threads torch takes; threads of so small a network mostly wait for each other."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def checkpoint(work: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(work / f"{name}.pt", weights_only=False, mmap=True)
    return found


def steps(work: Path) -> dict[str, int]:
    return {name: int(checkpoint(work, name)["step"]) for name in STAGES}


def about(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "semanticdraw.json").read_text())
    return found


def unet_of(work: Path, name: str) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = checkpoint(work, name)["kept"]["unet"]
    return weights


def test_from_nothing_to_a_pipeline_folder_and_on_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Samples are for people to look at; here they are small and rough.
    monkeypatch.setattr(samples, "SIDE", 16)
    monkeypatch.setattr(samples, "DDIM_STEPS", 2)
    work, model, config = tmp_path / "work", tmp_path / "model", tmp_path / "tiny.toml"
    config.write_text(TINY)

    def run(*arguments: str, into: Path = work) -> None:
        main([*arguments, "--config", str(config), "--work", str(into), "--to", str(model), "--device", "cpu"])

    run("all")
    before = steps(work)
    assert all(count > 0 for count in before.values())
    for name in STAGES:
        assert Image.open(work / f"{name}.png").size == (720, 320)
    for name in ("base", "distil", "regions"):
        assert np.asarray(Image.open(work / f"samples-{name}.png")).std() > 0
    assert about(model)["vocabulary"] == {
        "backgrounds": list(BACKGROUNDS),
        "objects": list(OBJECTS),
        "colors": list(about(model)["vocabulary"]["colors"]),
        "styles": list(STYLES),
        "words": list(words()),
    }
    training = about(model)["training"]
    assert training["source"] == "regions" and set(training["stages"]) == set(STAGES)
    assert set(training["segmenter_accuracy"]) == {"painted", "rendered"}
    assert (model / "segmenter.safetensors").exists()

    pipeline = StableDiffusionPipeline.from_pretrained(model, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    picture = pipeline("a red house", height=64, width=64, num_inference_steps=4, guidance_scale=4.0, output_type="np")
    assert picture.images[0].shape == (64, 64, 3)
    assert np.isfinite(picture.images[0]).all()

    run("all")
    after = steps(work)
    assert all(after[name] > before[name] for name in STAGES), "a second call goes on from the checkpoints"

    run("export", "--start", "regions", "--mean", "distil", "--share", "0.25")
    parts = [unet_of(work, name) for name in ("regions", "distil")]
    for name, weight in load_file(model / "unet" / "diffusion_pytorch_model.safetensors").items():
        expected = 0.75 * parts[0][name] + 0.25 * parts[1][name]
        torch.testing.assert_close(weight.float(), expected, rtol=1e-2, atol=1e-3)
    assert about(model)["training"]["mean_with"] == {"distil": 0.25}

    # An exported folder can be trained on from.
    again, accuracy = tmp_path / "again", about(model)["training"]["segmenter_accuracy"]
    run("unpack", into=again)
    shipped = unet_of(again, "shipped")
    for name, weight in load_file(model / "unet" / "diffusion_pytorch_model.safetensors").items():
        torch.testing.assert_close(shipped[name], weight.float())
    run("base", "--minutes", "0.0001", into=again)
    moved = unet_of(again, "base")["conv_in.weight"] - shipped["conv_in.weight"]
    assert 0 < moved.abs().max() < 0.01, "it starts from what shipped"
    run("export", "--start", "base", into=again)
    training = about(model)["training"]
    assert training["source"] == "base"
    assert training["continued_from"]["source"] == "regions"
    assert training["segmenter_accuracy"] == accuracy, "the segmenter is the one that was measured"

    # Settings with a word tell of one more stage of the same run.
    third = tmp_path / "third"
    run("unpack", into=third)
    config.write_text(f'word = "longer"\n{TINY}')
    run("base", "--minutes", "0.0001", into=third)
    run("export", "--start", "base", into=third)
    longer = about(model)["training"]
    assert longer["source"] == "base-longer"
    assert longer["stages"].keys() == training["stages"].keys() | {"base-longer"}
    assert longer["continued_from"]["source"] == "regions"
    assert longer["segmenter_accuracy"] == accuracy


def test_a_mean_is_of_two() -> None:
    one, other = ({"unet": {"w": torch.full((2,), v), "n": torch.tensor(3)}} for v in (0.0, 4.0))
    made = blended(one, other, 0.25)["unet"]
    torch.testing.assert_close(made["w"], torch.ones(2))
    assert made["n"] == 3
    with pytest.raises(ValueError, match=r"share is 1\.5"):
        blended(one, other, 1.5)


def test_settings_come_from_a_file_and_the_command_line(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('device = "auto"\nsize = 96\nseed = 4\n[stages.base]\nminutes = 2\n')
    settings = Settings.read(str(config), tmp_path, seed=None, workers=5)
    assert (settings.size, settings.seed, settings.workers) == (96, 4, 5)
    assert settings.device in ("cpu", "cuda")
    assert settings.of("base") == {"minutes": 2}
    with pytest.raises(ValueError, match=r"no stage 'codec': add a \[stages\.codec\] table"):
        settings.of("codec")
    with pytest.raises(FileNotFoundError, match=r"base\.pt is not there: run the stage 'base' first"):
        settings.load("base")


def test_settings_that_are_wrong_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"'medium': name one of full, longer, small"):
        Settings.read("medium", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"none\.toml"):
        Settings.read(str(tmp_path / "none.toml"), tmp_path)
    config = tmp_path / "mine.toml"
    for key in ("picturs = 3", 'work = "elsewhere"'):
        config.write_text(key)
        with pytest.raises(ValueError, match=rf"sets {key.split()[0]}, which training does not know"):
            Settings.read(str(config), tmp_path)
    config.write_text("size = 100")
    with pytest.raises(ValueError, match=r"sets size to 100 pixels: it must be a multiple of 32"):
        Settings.read(str(config), tmp_path)


@pytest.mark.parametrize("name", ["full", "small"])
def test_the_settings_that_ship_have_every_stage(name: str, tmp_path: Path) -> None:
    settings = Settings.read(name, tmp_path)
    for stage in STAGES:
        assert {"minutes", "batch", "rate"} <= set(settings.of(stage))
    for stage in ("base", "distil", "regions"):
        assert 0 <= settings.of(stage)["even"] <= 1
    assert settings.size % 16 == 0 and settings.wait <= settings.pictures


def test_a_stage_is_not_charged_for_the_time_that_its_process_was_stopped() -> None:
    clock = Clock(30, used=5)
    clock.seen -= 3600
    clock.tick()
    assert clock.used == pytest.approx(5 + Clock.LONGEST_STEP / 60, abs=0.05)
    clock.tick()
    assert clock.used < 5.1 + Clock.LONGEST_STEP / 60 and not clock.over
    assert clock.share == pytest.approx(clock.used / 30)
    clock.used = 31
    assert clock.over and clock.share == 1
    assert Clock(0).over and Clock(0).share == 1, "a stage without time is over, and its rate at its lowest"


@pytest.fixture
def tiny(tmp_path: Path) -> Settings:
    return Settings(tmp_path, stages={"base": {"minutes": 60.0, "rate": 1.0}})


def test_a_stage_s_losses_are_means_also_after_a_restart(tiny: Settings, tmp_path: Path) -> None:
    for run in range(2):
        stage = Stage(tiny, "base")
        assert stage.first == 37 * run and not stage.over
        for _ in range(37):
            stage.tick(torch.tensor(3.0), dict)
        stage.finish({"weights": run})
    assert [step for step, _ in stage.losses] == [1, 25, 38, 50]
    assert [loss for _, loss in stage.losses] == pytest.approx([3.0] * 4)
    assert tiny.load("base")["weights"] == 1
    assert tiny.load("base")["minutes"] > 0
    assert (tmp_path / "base.png").exists() and not (tmp_path / "base.part").exists()


def test_a_stage_saves_as_it_goes(tiny: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stage, "EVERY", 0.0)
    stage = Stage(tiny, "base")
    stage.tick(torch.tensor(1.0), lambda: {"weights": 5})
    assert tiny.load("base")["step"] == 1 and tiny.load("base")["weights"] == 5


def test_a_stage_whose_time_is_up_makes_one_step_more(tiny: Settings) -> None:
    tiny.stages["base"]["minutes"] = 0
    stage = Stage(tiny, "base")
    assert not stage.over
    stage.tick(torch.tensor(1.0), dict)
    assert stage.over


def test_the_rate_warms_up_and_falls(tiny: Settings) -> None:
    stage = Stage(tiny, "base")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])

    def rate(step: int, used: float) -> float:
        stage.step, stage.clock.used = step, used
        stage.schedule(optimizer)
        return float(optimizer.param_groups[0]["lr"])

    assert rate(0, 0) == pytest.approx(0.01)
    assert rate(49, 0) == pytest.approx(0.5)
    assert rate(1000, 0) == pytest.approx(1)
    assert rate(1000, 30) == pytest.approx(0.51)
    assert rate(1000, 60) == pytest.approx(0.02)


def test_the_average_moves_towards_the_live_weights() -> None:
    kept, live = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
    expected = 0.9 * kept.weight + 0.1 * live.weight
    average(kept, live, 0.9)
    torch.testing.assert_close(kept.weight, expected)


def test_a_curve_falls_with_the_loss_and_stands_bad_numbers() -> None:
    def ink(losses: list[tuple[int, float]]) -> np.ndarray:
        pixels = np.asarray(curve("base", losses)).astype(int)
        return (pixels[..., 2] - pixels[..., 0]) > 60  # the running mean is blue

    falling = ink([(step, 10.0 ** (-step / 50)) for step in range(100)])
    left, right = (np.flatnonzero(falling[:, part].any(1)).mean() for part in (slice(0, 300), slice(420, 720)))
    assert left < right - 60, "rows count downwards"
    assert not ink([]).any() and not ink([(1, 2.0)]).any()
    assert ink([(1, 1.0), (2, float("nan")), (3, 0.5), (4, float("inf")), (5, 0.4)]).any()
    assert ink([(1, 0.0), (2, 0.0)]).any()
