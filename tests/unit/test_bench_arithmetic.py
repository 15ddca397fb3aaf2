"""Operation counts, the ceiling, and the cost of an open canvas that nobody edits."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn import functional as F

from semanticdraw_widget.bench.contenders import Ours
from semanticdraw_widget.bench.idle import idle
from semanticdraw_widget.bench.operations import matmul_ceiling, operations
from semanticdraw_widget.bench.scenes import prompted, scene_with
from semanticdraw_widget.engine import load_engine
from unit.tiny_models import tiny_folder

CPU = torch.device("cpu")


def test_operations_are_two_a_multiplication() -> None:
    a, b = torch.ones(3, 5), torch.ones(5, 7)
    count, product = operations(CPU, torch.matmul, a, b)
    assert count == 2 * 3 * 5 * 7
    assert torch.equal(product, a @ b)
    assert operations(CPU, F.conv2d, torch.ones(1, 4, 6, 6), torch.ones(8, 4, 3, 3))[0] == 2 * 8 * 4 * 3 * 3 * 4 * 4


def test_attention_counts_in_inference_mode_too() -> None:
    q, k = torch.ones(2, 3, 64, 8), torch.ones(2, 3, 16, 8)

    def attend() -> torch.Tensor:
        with torch.inference_mode():
            return F.scaled_dot_product_attention(q, k, k)

    assert operations(CPU, attend)[0] == 2 * (2 * 2 * 3 * 64 * 16 * 8)


def test_an_edits_arithmetic_follows_its_steps_and_its_box(tmp_path: Path) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", lora=None)
    engine.warm_up((256, 256))
    scene = scene_with(3, (256, 256), 0)
    scenes = [prompted(scene, 0), prompted(scene, 1)]

    def count(mode: str, steps: int) -> float:
        session = Ours(mode, engine, steps, 1.0)
        session.close()
        return session.operations(scenes)

    one, two, four = (count("exact", steps) for steps in (1, 2, 4))
    assert one < two < four
    step = two - one  # the rest is prompts, which are embedded anew, and the decoder
    assert abs(four - two - 2 * step) <= 0.1 * step
    assert count("increment", 4) < count("masked", 4) < four


def test_the_ceiling_is_above_what_is_reached() -> None:
    ceiling = matmul_ceiling(CPU, torch.float32)
    assert 1e9 < ceiling < 1e14


def test_an_unchanged_scene_costs_nothing(tmp_path: Path) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", lora=None)
    spent = idle(engine, scene_with(2, (64, 64), 0), 2, 1.0, seconds=0.5)
    assert set(spent) == {"seconds", "cpu_seconds", "engine_calls"}
    assert spent["engine_calls"] == 0
    assert spent["cpu_seconds"] < spent["seconds"]
