"""On a CPU the engine computes in one thread, whoever asks."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from semanticdraw_widget.engine import load_engine
from semanticdraw_widget.engine.thread import computed, inferred
from semanticdraw_widget.scene import Region, Scene
from unit.tiny_models import tiny_folder

CPU = torch.device("cpu")


def test_every_caller_gets_the_same_thread() -> None:
    seen: set[int] = {computed(CPU, threading.get_ident)}
    callers = [threading.Thread(target=lambda: seen.add(computed(CPU, threading.get_ident))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(seen) == 1
    assert threading.get_ident() not in seen


def test_elsewhere_the_caller_computes() -> None:
    assert computed(torch.device("meta"), threading.get_ident) == threading.get_ident()


def test_work_may_ask_for_more_work() -> None:
    outer, inner = computed(CPU, lambda: (threading.get_ident(), computed(CPU, threading.get_ident)))
    assert outer == inner


def test_errors_reach_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        computed(CPU, lambda: 1 / 0)
    assert computed(CPU, lambda: 1) == 1


def test_inference_mode_is_for_the_work_alone() -> None:
    assert inferred(CPU, torch.is_inference_mode_enabled)
    assert not computed(CPU, torch.is_inference_mode_enabled)
    assert not torch.is_inference_mode_enabled()


def test_the_network_and_the_decoder_run_there_alone(tmp_path: Path) -> None:
    engine = load_engine(tiny_folder(tmp_path), device="cpu", lora=None)
    used: set[int] = set()
    for network in (engine._family.unet, engine._family.vae, engine._family.text_encoder):
        for module in network.modules():
            module.register_forward_pre_hook(lambda *_: used.add(threading.get_ident()))
    mask = np.zeros((64, 64), bool)
    mask[:32] = True
    scene = Scene((64, 64), "sky", [Region("sea", mask)])
    engine.generate(scene)
    list(engine.stream([scene, scene], mode="masked"))
    assert used == {computed(CPU, threading.get_ident)}
    assert not any(p.is_inference() for p in engine._family.unet.parameters()), "the weights can still be trained"
