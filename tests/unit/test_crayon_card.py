"""The model card: what it says is read from files, and its pictures are the model's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semanticdraw_widget.crayon import contact
from semanticdraw_widget.crayon.card import main
from semanticdraw_widget.crayon.card_text import STAGES, card, listed, parameters, table
from semanticdraw_widget.crayon.vocabulary import BACKGROUNDS, CONCEPTS, OBJECTS
from semanticdraw_widget.engine import Engine, load_engine
from unit.tiny_models import tiny_folder

TRAINING = {
    "source": "regions",
    "stages": {name: {"steps": 100 + number, "minutes": 1.5, "device": "cuda"} for number, name in enumerate(STAGES)}
    | {"regions-late": {"steps": 7, "minutes": 50, "device": "cpu", "size": 192, "batch": 12, "rate": 4e-4}},
    "segmenter_accuracy": {"painted": {"all": 0.951, "objects": 0.902, "colors": 0.853}},
}
ROW = {
    "method": "masked",
    "region_iou": 0.8125,
    "leakage": 0.01,
    "seam": 1.5,
    "outside_change": 2.0,
    "color_accuracy": None,
    "frechet": 0.37,
    "layouts": 12,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_folder(tmp_path_factory.mktemp("tiny"), guidance_embedding=True, prediction="v_prediction")
    about = {"name": "tiny", "steps": 1, "guidance": 3.5, "canvas": [256, 256], "training": TRAINING}
    (folder / "semanticdraw.json").write_text(json.dumps(about))
    return folder


@pytest.fixture(scope="module")
def engine(model: Path) -> Engine:
    return load_engine(model, device="cpu")


def test_the_card_names_all_that_crayon_draws(model: Path) -> None:
    text = " ".join(card(model).split())
    assert all(name in text for name in CONCEPTS)
    assert f"{len(BACKGROUNDS)} backgrounds" in text
    assert "guidance 3.5" in text
    assert "{" not in text
    assert "MIT" in text


def test_the_card_tells_how_it_was_trained(model: Path) -> None:
    text = card(model)
    assert "8 minutes on one GPU and 50 minutes on a CPU" in " ".join(text.split())
    assert "| a CPU | 192 | 12 | 0.0004 | 7 | 50.0 |" in text
    assert all(f"| `{name}` |" in text for name in STAGES)
    assert "| 104 | 1.5 |" in text
    assert "mean of" not in " ".join(text.split()).replace("running mean of", "")


def test_a_mean_and_an_earlier_run_are_told(model: Path, tmp_path: Path) -> None:
    for part in ("vae", "unet", "text_encoder"):
        (tmp_path / part).symlink_to(model / part)
    before = {"stages": {"base": {"steps": 5, "minutes": 40.0}}}
    training = {**TRAINING, "stages": {}, "mean_with": {"distil": 0.4}, "continued_from": before}
    (tmp_path / "semanticdraw.json").write_text(json.dumps({"training": training}))
    text = " ".join(card(tmp_path).split())
    assert "mean of `regions` and `distil`, 0.4 of the latter" in text
    assert "had had 40 minutes" in text


def test_the_card_tells_the_figures(model: Path) -> None:
    text = card(model, {"layouts": 12, "rows": [ROW]})
    assert "| masked | 0.812 | 0.010 | 1.50 | 2.00 | - | 0.37 | 12 |" in text
    assert "as painted, 95.1 % of all, 90.2 % of the objects' and 85.3 % of their colors" in " ".join(text.split())
    assert "masked |" not in card(model)


def test_its_lines_are_short(model: Path) -> None:
    assert all(len(line) <= 120 or line.startswith("|") for line in card(model).splitlines())


def test_listed_and_table() -> None:
    assert (listed(["a"]), listed(["a", "b", "c"])) == ("a", "a, b and c")
    assert table(("x", "y"), [("a", "1")]) == "| x | y |\n| --- | ---: |\n| a | 1 |"


def test_parameters_are_those_of_the_weights(model: Path, engine: Engine) -> None:
    count = sum(p.numel() for p in engine._family.unet.parameters())
    assert float(parameters(model / "unet")) == pytest.approx(count / 1e6, rel=0.05)


def test_every_object_has_a_home_where_it_fits() -> None:
    assert set(contact.HOME) == set(OBJECTS)
    assert sum(map(len, contact.HOMES.values())) == len(OBJECTS)
    assert set(contact.HOMES) <= set(BACKGROUNDS)
    for name in OBJECTS:
        for scene in (contact.at_home(name), contact.on_paper(name)):
            assert scene.regions[0].prompt == name
            assert 0.15 < (scene.regions[0].mask > 0).mean() < 0.95


def test_the_palette_has_a_tile_for_each_in_order(engine: Engine) -> None:
    names = (*BACKGROUNDS[:11], "house", "cat")
    picture = np.asarray(contact.palette(engine, names))
    assert picture.shape == (2 * 48, 12 * 48, 3)
    house = contact.drawn(engine, contact.on_paper("house"), 48)
    assert np.array_equal(picture[:48, 11 * 48 :], house)
    assert (house[0, 0] > 250).all()  # on white paper
    assert (picture[48:, 48:] == 255).all()  # no tile there


def test_the_palette_is_small() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 576, 3), dtype=np.uint8)
    data = contact.small_png(Image.fromarray(noise))
    assert len(data) <= contact.MOST_BYTES
    with pytest.raises(ValueError, match="do not fit"):
        contact.small_png(Image.fromarray(noise), 1000)


def test_write_draws_both_pictures(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = ("sky", "house", "cat")
    monkeypatch.setattr(contact.sheet, "__defaults__", (few,))
    monkeypatch.setattr(contact.palette, "__defaults__", (few,))
    fidelity = tmp_path / "fidelity.json"
    fidelity.write_text(json.dumps({"layouts": 12, "rows": [ROW]}))
    main(["--write", "--model", str(model), "--to", str(tmp_path), "--fidelity", str(fidelity), "--device", "cpu"])
    assert "0.812" in (tmp_path / "MODEL_CARD.md").read_text()
    assert Image.open(tmp_path / "vocabulary.png").width > 3 * contact.SHOWN
    assert Image.open(tmp_path / "model" / "palette.png").size == (12 * 48, 48)


def test_without_write_the_text_goes_to_the_screen(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--model", str(model)])
    assert capsys.readouterr().out == card(model)


@pytest.mark.parametrize(
    ("content", "says"), [("no", "is no JSON"), ("[]", "no figures"), ('{"rows": [{}], "layouts": 1}', "no figures")]
)
def test_a_wrong_file_of_figures_is_refused(model: Path, tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "wrong.json").write_text(content)
    with pytest.raises(ValueError, match=says):
        main(["--model", str(model), "--fidelity", str(tmp_path / "wrong.json")])
