"""scene.py: values that never change, refuse what cannot be painted, and survive JSON."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from semanticdraw_widget.masks import pack
from semanticdraw_widget.scene import Background, Region, Scene, SceneError

SIZE = (32, 24)
BOX = np.zeros((24, 32), bool)
BOX[4:12, 8:20] = True


def region(prompt: str = "house", **fields: Any) -> Region:
    return Region(prompt, BOX, **fields)


def scene(*regions: Region, **fields: Any) -> Scene:
    return Scene(SIZE, "sky", regions, **fields)


# What is stored


def test_the_call_of_the_readme() -> None:
    made = Scene(size=(256, 256), background="sky", regions=[Region("house", mask=np.ones((256, 256)))], seed=1)
    assert (made.width, made.height, made.seed) == (256, 256, 1)
    assert made.background == Background("sky")
    assert made.regions[0].prompt == "house"


def test_sizes_are_width_height_and_masks_height_width() -> None:
    made = scene(region())
    assert (made.width, made.height) == (32, 24)
    assert made.regions[0].mask.shape == (24, 32)


def test_defaults() -> None:
    made = region("  a red  house\n")
    assert made.prompt == "a red  house"
    assert (made.strength, made.prompt_strength, made.feather, made.seed) == (1.0, 1.0, None, None)
    assert made.visible and not made.locked
    assert len(made.id) == 8 and made.id != region().id


@pytest.mark.parametrize("mask", [BOX.astype(np.uint8) * 255, BOX.astype(float), pack(BOX * np.uint8(255))])
def test_masks_of_every_kind_become_bytes(mask: Any) -> None:
    assert np.array_equal(Region("house", mask).mask, BOX * 255)


def test_numbers_become_plain_python() -> None:
    made = region(strength=np.float32(0.5), seed=np.int64(7), feather=2, visible=np.True_)
    assert type(made.strength) is float and type(made.seed) is int
    assert type(made.feather) is float and type(made.visible) is bool


def test_empty_full_and_overlapping_masks_are_legal() -> None:
    made = scene(region(), region(), Region("", np.zeros((24, 32), bool)), Region("all", np.ones((24, 32))))
    assert len(made.regions) == 4
    assert scene().regions == ()


# Nothing changes


def test_fields_are_frozen() -> None:
    for value, name in ((region(), "prompt"), (scene(), "seed"), (Background(), "prompt")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, "other")


def test_arrays_cannot_be_written_to() -> None:
    source = np.zeros((24, 32), np.uint8)
    image = np.zeros((24, 32, 3), np.uint8)
    made, background = Region("house", source), Background(image=image)
    source[:], image[:] = 255, 255
    for array in (made.mask, background.image):
        assert array is not None and not array.any()
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_copies_are_equal_and_frozen(duplicate: Any) -> None:
    made = scene(region())
    twin = duplicate(made)
    assert twin == made and twin.key == made.key
    assert not twin.regions[0].mask.flags.writeable


def test_replace_shares_what_did_not_change() -> None:
    first = scene(region("house"), region("tree"))
    second = first.replace(regions=(first.regions[0].replace(prompt="barn"), first.regions[1]))
    assert [r.prompt for r in second.regions] == ["barn", "tree"]
    assert second.regions[1] is first.regions[1]
    assert second.regions[0].mask is first.regions[0].mask
    assert second.regions[0].id == first.regions[0].id
    assert first.regions[0].prompt == "house"


def test_replace_checks_like_a_first_value() -> None:
    with pytest.raises(SceneError, match="strength"):
        region().replace(strength=2)
    with pytest.raises(SceneError, match="canvas needs"):
        scene(region()).replace(size=(64, 64))
    with pytest.raises(TypeError, match="colour"):
        region().replace(colour="#ffffff")


def test_a_background_picture_is_no_mask() -> None:
    """Frozen arrays are taken over as they are, but only where the shape fits."""
    image = Background(image=np.zeros((24, 32, 3), np.uint8)).image
    with pytest.raises(ValueError, match=r"\(24, 32, 3\)"):
        Region("house", image)
    with pytest.raises(SceneError, match=r"\(24, 32\)"):
        Background(image=region().mask)


# Equality, hash and key

PICTURE_CHANGES = [
    {"prompt": "barn"},
    {"negative_prompt": "fog"},
    {"mask": ~BOX},
    {"strength": 0.9},
    {"prompt_strength": 0.9},
    {"feather": 2.0},
    {"feather": 0},
    {"seed": 0},
    {"visible": False},
]
OTHER_CHANGES = [{"id": "other"}, {"name": "left"}, {"color": "#FF0000"}, {"locked": True}]


@pytest.mark.parametrize("change", PICTURE_CHANGES + OTHER_CHANGES, ids=str)
def test_every_field_counts_for_equality(change: dict[str, Any]) -> None:
    one = region(id="r")
    other = one.replace(**change)
    assert one != other and scene(one) != scene(other)
    assert one == region(id="r") and hash(one) == hash(region(id="r"))
    assert len({scene(one), scene(other), scene(region(id="r"))}) == 2


@pytest.mark.parametrize("change", PICTURE_CHANGES, ids=str)
def test_the_key_changes_with_the_picture(change: dict[str, Any]) -> None:
    one = region(id="r")
    assert scene(one).key != scene(one.replace(**change)).key


@pytest.mark.parametrize("change", OTHER_CHANGES, ids=str)
def test_the_key_ignores_what_cannot_be_seen(change: dict[str, Any]) -> None:
    one = region(id="r")
    assert scene(one).key == scene(one.replace(**change)).key


def test_the_key_knows_size_seed_background_and_order() -> None:
    image = np.zeros((24, 32, 3), np.uint8)
    a, b = region("a", id="a"), region("b", id="b")
    keys = {
        made.key
        for made in (
            scene(),
            scene(seed=1),
            scene(a),
            scene(a, b),
            scene(b, a),
            Scene((24, 32), "sky"),
            Scene(SIZE, "sea"),
            Scene(SIZE, Background("sky", image)),
            Scene(SIZE, Background("sky", image + np.uint8(1))),
        )
    }
    assert len(keys) == 9
    assert all(len(key) == 32 and int(key, 16) >= 0 for key in keys)


def test_invisible_regions_do_not_count() -> None:
    hidden = region("b", visible=False)
    assert scene(region("a"), hidden).key == scene(region("a")).key
    assert scene(hidden).key == scene(hidden.replace(mask=~BOX)).key


def test_values_of_other_kinds_differ() -> None:
    assert scene() != region() and region() != "house" and Background() != ""


# JSON

texts = st.text(max_size=20)
regions = st.builds(
    Region,
    prompt=texts,
    mask=arrays(np.uint8, (24, 32)) | st.just(BOX),
    name=texts,
    negative_prompt=texts,
    color=st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True) | st.just(""),
    strength=st.floats(0, 1, exclude_min=True),
    prompt_strength=st.floats(0, 1),
    feather=st.none() | st.floats(0, 512),
    seed=st.none() | st.integers(0, 2**53 - 1),
    visible=st.booleans(),
    locked=st.booleans(),
)
backgrounds = st.builds(Background, texts, st.none() | arrays(np.uint8, (24, 32, 3)))
scenes = st.builds(Scene, st.just(SIZE), backgrounds, st.lists(regions, max_size=3), st.integers(0, 2**53 - 1))


@given(scenes)
def test_json_round_trip(made: Scene) -> None:
    read = Scene.from_json(made.to_json())
    assert read == made
    assert hash(read) == hash(made) and read.key == made.key


def damaged(**changes: Any) -> str:
    """The JSON of a good scene with some values replaced; a name with a dot reaches into the first region."""
    data = json.loads(Scene(SIZE, Background("sky", np.zeros((24, 32, 3), np.uint8)), [region()]).to_json())
    for name, value in changes.items():
        place, key = (data["regions"][0], name[7:]) if name.startswith("region_") else (data, name)
        place[key] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not parse"),
        ("[" * 100_000, "does not parse"),
        ("[]", "JSON object, not list"),
        ("{}", "lacks background"),
        (damaged(extra=1), "unknown extra"),
        (damaged(format="other"), "'other'"),
        (damaged(version=99), "version 99"),
        (damaged(size=[32]), "width, height"),
        (damaged(size=[32.0, 24.0]), "width, height"),
        (damaged(size="32x24"), "width, height"),
        (damaged(seed="1"), "seed"),
        (damaged(background="sky"), "JSON object, not str"),
        (damaged(background={"prompt": 5, "image": None}), "background prompt"),
        (damaged(background={"prompt": "", "image": "!!!"}), "base64"),
        (damaged(background={"prompt": "", "image": "AAAA"}), "damaged"),
        (damaged(background={"prompt": "", "image": 5}), "base64 text, not int"),
        (damaged(size=[64, 24]), "does not hold"),
        (damaged(regions={}), "JSON list"),
        (damaged(regions=[5]), "JSON object, not int"),
        (damaged(regions=[{"prompt": "house"}]), "lacks color"),
        (damaged(region_hidden=True), "unknown hidden"),
        (damaged(region_mask="AAAA"), "'house' cannot be read"),
        (damaged(region_mask=None), "base64 text"),
        (damaged(region_strength=float("nan")), "strength"),
        (damaged(region_visible="yes"), "visible"),
    ],
)
def test_damaged_json(text: str, says: str) -> None:
    with pytest.raises(SceneError, match=says):
        Scene.from_json(text)


# What is refused


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ((250, 256), "width 250 px.*248 or 256"),
        ((256, 257), "height 257 px.*256 or 264"),
        ((8, 256), "nearest is 16"),
        ((0, 256), "nearest is 16"),
        ((-8, 256), "nearest is 16"),
        ((256, 9000), "nearest is 8192"),
        ((8192, 4096), "8192x4096 px is too large"),
        ((256.0, 256), "whole numbers"),
        ((256,), "width, height"),
        ("256", "width, height"),
        (256, "width, height"),
        (None, "width, height"),
    ],
)
def test_bad_sizes(size: Any, says: str) -> None:
    with pytest.raises(SceneError, match=says):
        Scene(size)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"prompt": "x" * 1001}, "1001 characters; shorten it to 1000"),
        ({"prompt": None}, "prompt is text, not NoneType"),
        ({"negative_prompt": "x" * 1001}, "negative prompt has 1001"),
        ({"name": 5}, "name is text"),
        ({"id": "background"}, "stands for the background"),
        ({"id": "x" * 65}, "at most 64"),
        ({"id": 5}, "at most 64"),
        ({"color": "red"}, "#rrggbb"),
        ({"color": "#12345"}, "#rrggbb"),
        ({"strength": 0}, "above 0 and at most 1, not 0"),
        ({"strength": 1.01}, "not 1.01"),
        ({"strength": float("nan")}, "nan"),
        ({"strength": "1"}, "not '1'"),
        ({"strength": True}, "not True"),
        ({"prompt_strength": -0.1}, "0 to 1, not -0.1"),
        ({"feather": -1}, "0 to 512, not -1"),
        ({"feather": float("inf")}, "inf"),
        ({"seed": -1}, "not -1"),
        ({"seed": 2**53}, "9007199254740991"),
        ({"seed": 1.0}, "not 1.0"),
        ({"seed": True}, "not True"),
        ({"visible": 1}, "'visible' is True or False"),
        ({"locked": "no"}, "'locked' is True or False"),
    ],
    ids=str,
)
def test_bad_regions(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(SceneError, match=says):
        Region(**{"prompt": "house", "mask": BOX, **fields})


def test_bad_masks_say_what_to_mask_says() -> None:
    with pytest.raises(TypeError, match="int64"):
        Region("house", BOX.astype(np.int64))
    with pytest.raises(ValueError, match="NaN"):
        Region("house", np.full((24, 32), np.nan))


def test_whitespace_does_not_count_as_length() -> None:
    assert len(region("x" * 1000 + " " * 50).prompt) == 1000


def test_bad_scenes() -> None:
    with pytest.raises(SceneError, match=r"'house' has shape \(24, 32\), the canvas needs \(32, 32\)"):
        Scene((32, 32), regions=[region()])
    with pytest.raises(SceneError, match="transposed"):
        Scene((24, 32), regions=[region()])
    with pytest.raises(SceneError, match="at most 64 regions, not 65"):
        scene(*(region() for _ in range(65)))
    with pytest.raises(SceneError, match="two regions have the id 'a'"):
        scene(region(id="a"), region(id="a"))
    with pytest.raises(SceneError, match="Region objects, not str"):
        Scene(SIZE, regions="house")
    with pytest.raises(SceneError, match="seed"):
        scene(seed=-1)
    assert len(scene(*(region() for _ in range(64))).regions) == 64


@pytest.mark.parametrize(
    "image", [np.zeros((24, 32), np.uint8), np.zeros((24, 32, 4), np.uint8), np.zeros((24, 32, 3)), "sky.png"]
)
def test_bad_background_images(image: Any) -> None:
    with pytest.raises(SceneError, match="height, width, 3"):
        Background(image=image)


def test_background_images() -> None:
    image = Background("sky", Image.new("RGB", SIZE, (1, 2, 3))).image
    assert image is not None and image.shape == (24, 32, 3) and image[0, 0].tolist() == [1, 2, 3]
    with pytest.raises(SceneError, match=r"background image has shape \(24, 32\)"):
        Scene((32, 32), Background(image=image))


def test_reprs_are_short() -> None:
    assert repr(region(id="r")) == "Region('house', mask=32x24 12% covered, id='r')"
    assert repr(Background("sky", np.zeros((24, 32, 3), np.uint8))) == "Background('sky', image=32x24)"
    assert "Background('sky')" in repr(scene(region()))
