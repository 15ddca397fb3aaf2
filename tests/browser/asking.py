"""What the browser tests ask of a kernel, again and again until it is so: edits take a while to get there."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from browser.drivers import Kernel
from semanticdraw_widget.masks import Mask, unpack

T = TypeVar("T")

EVERY = 0.2
"""Seconds between two questions."""

REGIONS = """
import base64, json
from semanticdraw_widget.masks import pack
with canvas._exclusive():  # a message of the canvas may change the regions between two questions
    fields = [dict(region) for region in canvas.regions]
    masks = [base64.b64encode(pack(canvas.mask(region["id"]))).decode() for region in fields]
    told = json.dumps([fields, masks, canvas.solo])
print(told)
"""


def until(ask: Callable[[], T], holds: Callable[[T], object] = bool, timeout: float = 20) -> T:
    """Ask until the answer holds, and give it back; fail with the last one after `timeout` seconds."""
    end = time.monotonic() + timeout
    while not holds(found := ask()):
        assert time.monotonic() < end, f"after {timeout} s it is still {found!r:.500}"
        time.sleep(EVERY)
    return found


def soon(ask: Callable[[], Any], wanted: Any) -> None:
    """Until the answer is the wanted one."""
    until(ask, lambda found: found == wanted)


class Regions(NamedTuple):
    """A canvas's regions as the kernel has them at one moment, the lowest first."""

    fields: list[dict[str, Any]]
    masks: list[Mask]
    solo: str

    @property
    def ids(self) -> list[str]:
        return [fields["id"] for fields in self.fields]

    def have(self, *masks: Mask) -> bool:
        """Whether those are their masks, to the byte."""
        return len(self.masks) == len(masks) and all(map(np.array_equal, self.masks, masks))


def regions(kernel: Kernel) -> Regions:
    fields, packed, solo = json.loads(kernel.run(REGIONS))
    return Regions(fields, [unpack(base64.b64decode(blob)) for blob in packed], solo)


def painted_mask(kernel: Kernel, region: int) -> Mask:
    """The mask as the kernel has it: uint8 (height, width)."""
    code = "import base64; from semanticdraw_widget.masks import pack\n"
    return unpack(base64.b64decode(kernel.run(code + f"print(base64.b64encode(pack(canvas.mask({region}))).decode())")))
