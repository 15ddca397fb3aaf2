"""What a user installs: the wheel is complete, and importing the package costs nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from email.message import Message
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

import semanticdraw_widget

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "semanticdraw_widget"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel of this tree, built from the front end that is there, with no network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run(
        [*command, "--wheel-dir", str(folder), str(ROOT)],
        env={**os.environ, "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, f"no wheel; did `make setup` run?\n{built.stdout}\n{built.stderr}"
    (path,) = folder.glob("*.whl")
    return ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def files(wheel: ZipFile, folder: str) -> set[str]:
    return {name for name in wheel.namelist() if name.startswith(f"semanticdraw_widget/{folder}")}


def test_the_wheel_runs_anywhere(wheel: ZipFile) -> None:
    assert Path(wheel.filename or "").name.endswith("-py3-none-any.whl")


@pytest.mark.parametrize("name", ["static/widget.js", "static/widget.css"])
def test_the_wheel_carries_the_front_end(wheel: ZipFile, name: str) -> None:
    content = wheel.read(f"semanticdraw_widget/{name}")
    assert len(content) > 100
    assert content == (PACKAGE / name).read_bytes()


def test_the_wheel_says_that_it_is_typed(wheel: ZipFile) -> None:
    assert "semanticdraw_widget/py.typed" in wheel.namelist()


def test_the_wheel_carries_the_model(wheel: ZipFile) -> None:
    model = files(wheel, "crayon/model/")
    assert "semanticdraw_widget/crayon/model/model_index.json" in model
    for part in ("unet", "vae", "text_encoder"):
        (weights,) = (n for n in model if n.endswith(".safetensors") and f"/model/{part}/" in n)
        assert wheel.getinfo(weights).file_size > 10_000
    in_the_tree = {str(path.relative_to(ROOT)) for path in (PACKAGE / "crayon" / "model").rglob("*.*")}
    assert model == in_the_tree


def test_the_wheel_carries_every_module_and_nothing_else(wheel: ZipFile) -> None:
    modules = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}
    assert modules == {name for name in wheel.namelist() if name.endswith(".py")}
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"semanticdraw_widget", f"semanticdraw_widget-{semanticdraw_widget.__version__}.dist-info"}


def test_the_wheel_brings_its_license(wheel: ZipFile, metadata: Message) -> None:
    assert metadata["License-Expression"] == "MIT"
    (name,) = (name for name in wheel.namelist() if name.endswith("/LICENSE"))
    assert wheel.read(name).startswith(b"MIT License")


def test_what_the_package_asks_for(metadata: Message) -> None:
    assert metadata["Version"] == semanticdraw_widget.__version__
    asked = [line.replace(" ", "") for line in metadata.get_all("Requires-Dist") if "extra" not in line]
    for line in ("torch>=2.6", "anywidget>=0.11", "ipykernel!=7.0.*"):
        assert line in asked
    names = {line.split(">")[0].split("!")[0] for line in asked}
    assert {"diffusers", "transformers", "safetensors", "ipywidgets", "traitlets", "numpy", "pillow"} <= names
    assert "ipycanvas" not in names


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import semanticdraw_widget", {"numpy", "torch", "PIL", "anywidget", "IPython"}),
        ("from semanticdraw_widget import Scene, Region, Background", {"torch", "PIL", "anywidget"}),
        ("from semanticdraw_widget import load_engine", {"anywidget", "ipywidgets", "IPython"}),
    ],
)
def test_imports_bring_in_no_more_than_they_need(statement: str, absent: set[str]) -> None:
    code = f"{statement}; import sys; print(*sorted(set(sys.modules) & {absent!r}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.parametrize("name", semanticdraw_widget.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(semanticdraw_widget, name) is not None
    assert name in dir(semanticdraw_widget)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="Sceen"):
        _ = semanticdraw_widget.Sceen
