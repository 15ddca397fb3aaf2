"""stack.xml of an OpenRaster file: the names, places and order of its layers, in and out.

Python's XML parser follows entities, by which a few bytes can become gigabytes. So a text that declares anything is
refused before it is parsed; no layer stack needs declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..checks import MAX_REGIONS
from .errors import StorageError
from .limits import MAX_GROUPS, MAX_OFFSET

# What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
_MAX_LAYERS = MAX_REGIONS + 16
"""Regions, and some layers that become none."""


@dataclass(frozen=True)
class Layer:
    """name, and the member that holds its pixels. x, y: its left upper corner on the canvas, px."""

    name: str
    source: str
    x: int = 0
    y: int = 0
    visible: bool = True
    opacity: float = 1.0


def to_xml(size: tuple[int, int], layers: Iterable[Layer]) -> bytes:
    """The stack.xml of `layers`, the topmost first, on a canvas of `size` (width, height)."""
    image = Element("image", version="0.0.3", w=str(size[0]), h=str(size[1]), xres="72", yres="72")
    stack = SubElement(image, "stack")
    for layer in layers:
        SubElement(
            stack,
            "layer",
            {
                "name": _NO_XML.sub("\ufffd", layer.name),
                "src": layer.source,
                "x": str(layer.x),
                "y": str(layer.y),
                "opacity": f"{layer.opacity:g}",
                "visibility": "visible" if layer.visible else "hidden",
                "composite-op": "svg:src-over",
            },
        )
    return ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)


def from_xml(data: bytes) -> tuple[tuple[int, int], list[Layer]]:
    """The canvas's size (width, height) and its layers, the topmost first; groups are dissolved.

    Raises:
        StorageError: no such XML, one with declarations, too deep or too long.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StorageError(f"the stack.xml is not UTF-8 text, as OpenRaster wants: {error}") from None
    if _DECLARATION.search(text):
        raise StorageError("the stack.xml holds a DOCTYPE or an entity, which no layer stack needs; don't trust it")
    try:
        image = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise StorageError(f"the stack.xml does not parse: {error}; the file is damaged") from None
    stack = image.find("stack")
    if image.tag != "image" or stack is None:
        raise StorageError("the stack.xml holds no image with a stack in it; this is no OpenRaster file")
    size = _whole(image, "w", None), _whole(image, "h", None)
    layers: list[Layer] = []
    for layer in _layers(stack, 0, 0, True, 0):
        layers.append(layer)
        if len(layers) > _MAX_LAYERS:
            raise StorageError(
                f"this OpenRaster file has more than {_MAX_LAYERS} layers; a scene has at most {MAX_REGIONS} regions: "
                "merge layers in the other program"
            )
    return size, layers


def _layers(stack: Element, x: int, y: int, visible: bool, depth: int) -> Iterator[Layer]:
    if depth > MAX_GROUPS:
        raise StorageError(f"the stack.xml has groups in groups deeper than {MAX_GROUPS}; flatten some")
    for element in stack:
        if element.tag not in ("stack", "layer"):
            continue
        at = x + _whole(element, "x", 0), y + _whole(element, "y", 0)
        shown = visible and element.get("visibility", "visible") == "visible"
        if element.tag == "stack":
            yield from _layers(element, *at, shown, depth + 1)
        else:
            yield Layer(element.get("name", ""), element.get("src", ""), *at, shown)


def _whole(element: Element, name: str, default: int | None) -> int:
    """A number of px; programs write "12" and "12.0"."""
    text = element.get(name)
    if text is None and default is not None:
        return default
    match = re.fullmatch(r"\s*([+-]?[0-9]{1,8})(\.[0-9]{0,9})?\s*", text or "")
    number = int(match[1]) if match else MAX_OFFSET + 1
    if abs(number) > MAX_OFFSET:
        raise StorageError(
            f"the {element.tag} in stack.xml has {name}={(text or '')[:40]!r}; it is a number of px up to {MAX_OFFSET}"
        )
    return number
