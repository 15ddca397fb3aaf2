"""The UNet as training calls it, against the same UNet as diffusers calls it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from semanticdraw_widget.crayon.network import Network
from semanticdraw_widget.crayon.networks import TEXT_WIDTH, TOKENS, make_unet
from semanticdraw_widget.crayon.stage import Settings


@pytest.fixture(scope="module")
def call() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {
        "x": torch.randn(2, 8, 16, 16),
        "t": torch.tensor([999, 259]),
        "text": torch.randn(2, TOKENS, TEXT_WIDTH),
        "condition": torch.randn(2, 64),
    }


def answers(network: Callable[..., torch.Tensor], unet: Any, **call: torch.Tensor) -> list[torch.Tensor]:
    """The answer, and the gradient of its square to every parameter that it depends on."""
    unet.zero_grad(set_to_none=True)
    answer = network(**call)
    answer.square().mean().backward()
    return [answer.detach(), *(p.grad.clone() for p in unet.parameters() if p.grad is not None)]


def test_it_answers_and_learns_as_diffusers_does(tmp_path: Path, call: dict[str, torch.Tensor]) -> None:
    torch.manual_seed(1)
    unet = make_unet()

    def plain(x: torch.Tensor, t: torch.Tensor, text: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        sample: torch.Tensor = unet(x, t, text, timestep_cond=condition).sample
        return sample

    expected = answers(plain, unet, **call)
    found = answers(Network(unet, Settings(tmp_path)), unet, **call)
    assert len(found) == len(expected) > 100
    for ours, theirs in zip(found, expected):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_compiled_it_does_the_same(
    tmp_path: Path, call: dict[str, torch.Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a backend that runs what torch.compile has read as it is: what a real one makes of it is torch's affair."""
    graphs = []

    def backend(graph: Any, inputs: list[torch.Tensor]) -> Any:
        graphs.append(graph)
        return graph.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    torch.manual_seed(2)
    unet = make_unet()
    maps = torch.rand(2, 3, 16, 16)
    many = {**call, "text": torch.randn(2, 3 * TOKENS, TEXT_WIDTH), "maps": maps / maps.sum(1, keepdim=True)}
    twin = deepcopy(unet)
    plain, compiled = Network(twin, Settings(tmp_path)), Network(unet, Settings(tmp_path, compiled=True))
    for asked in (call, many):
        expected, before = answers(plain, twin, **asked), len(graphs)
        found = answers(compiled, unet, **asked)
        assert len(graphs) > before
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    seen = len(graphs)
    answers(compiled, unet, **many)
    assert len(graphs) == seen, "a call like an earlier one is not compiled again"
