"""JSON from strangers, looked at before it is parsed, and the values in it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from .errors import StorageError
from .limits import (
    MAX_JSON_DEPTH,
    MAX_JSON_STRUCTURE,
    MAX_JSON_TEXTS,
    MAX_SETTING_TEXT,
    MAX_SETTINGS,
)

Setting: TypeAlias = "str | int | float | bool | None"
Settings: TypeAlias = Mapping[str, Setting]


def parse_json(data: bytes, whose: str = "scene's") -> Any:
    """The value of JSON text in UTF-8, whose JSON it is in errors. Raises StorageError, also for text that would cost
    much to parse.

    Python's parser goes as deep as the text does, and makes some 60 bytes of every two of "[]": so brackets and commas
    are counted first.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StorageError(f"the {whose} JSON is not UTF-8 text: {error}; the file is damaged") from None
    texts = text.count('"') // 2
    if texts > MAX_JSON_TEXTS:
        raise StorageError(f"the {whose} JSON holds {texts} texts; a drawing needs fewer than {MAX_JSON_TEXTS}")
    # Two backslashes are one that escapes nothing; what is left before a quote escapes it.
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    if len(outside) > MAX_JSON_STRUCTURE:
        raise StorageError(
            f"the {whose} JSON holds {len(outside)} characters outside of texts; "
            f"a drawing needs fewer than {MAX_JSON_STRUCTURE}"
        )
    depth = 0
    for character in outside:
        depth += (character in "[{") - (character in "]}")
        if depth > MAX_JSON_DEPTH:
            raise StorageError(f"the {whose} JSON is nested deeper than {MAX_JSON_DEPTH}; no drawing is")
    try:
        return json.loads(text, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"the {whose} JSON does not parse: {error}; the file is damaged") from None


def fields_of(what: str, value: Any, names: set[str]) -> dict[str, Any]:
    """A JSON object with exactly these names."""
    if not isinstance(value, dict):
        raise StorageError(f"the {what} in this file is a JSON object, not {type(value).__name__}")
    for trouble, wrong in (("lacks", names - set(value)), ("has the unknown", set(value) - names)):
        if wrong:
            listed = ", ".join(name[:40] for name in sorted(wrong)[:8])
            raise StorageError(f"the {what} in this file {trouble} {listed}; it was not written by this package")
    return value


def check_version(data: Any, name: str, newest: int) -> None:
    """That `data` is format `name` of a version that is known here."""
    found = (data.get("format"), data.get("version")) if isinstance(data, dict) else (None, None)
    if found[0] != name:
        raise StorageError(f"the scene in this file has the format {_short(found[0])}; this release reads {name!r}")
    if type(found[1]) is not int or not 1 <= found[1] <= newest:
        raise StorageError(
            f"this file has version {_short(found[1])} of {name!r}; this release reads 1 to {newest}; "
            "a newer release of semanticdraw_widget may read it"
        )


def checked_settings(settings: Any) -> Settings:
    """Settings as they are stored: a read-only mapping of short names to text, finite numbers, True, False or None."""
    if settings is None:
        return MappingProxyType({})
    if not isinstance(settings, Mapping) or len(settings) > MAX_SETTINGS:
        raise StorageError(f"settings are a mapping of at most {MAX_SETTINGS} names, not {_short(settings)}")
    for name, value in settings.items():
        if not isinstance(name, str) or not 1 <= len(name) <= 64:
            raise StorageError(f"a setting's name is text of 1 to 64 characters, not {_short(name)}")
        plain = value is None or isinstance(value, bool | int | str) or (isinstance(value, float))
        fits = len(value) <= MAX_SETTING_TEXT if isinstance(value, str) else _finite(value)
        if not (plain and fits):
            raise StorageError(
                f"the setting {name!r} is {_short(value)}; it may be a finite number, True, False, None, "
                f"or text of at most {MAX_SETTING_TEXT} characters"
            )
    return MappingProxyType(dict(settings))


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < 2**63


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
