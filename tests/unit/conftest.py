"""What several of the engine's tests ask of the engine that they bring along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from semanticdraw_widget.engine import Engine


@pytest.fixture
def calls(engine: Engine) -> Iterator[list[tuple[int, ...]]]:
    """Rows, height and width of every call of the network."""
    shapes: list[tuple[int, ...]] = []
    hook = engine._family.unet.register_forward_pre_hook(
        lambda _, args: shapes.append((len(args[0]), *args[0].shape[-2:]))
    )
    yield shapes
    hook.remove()
