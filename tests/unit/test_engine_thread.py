"""On a CPU the engine computes in one thread, whoever asks."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
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


TEAM = """
import threading, time
from pathlib import Path
import numpy as np, torch
from semanticdraw_widget.engine import load_engine
from semanticdraw_widget.engine.thread import computed
from semanticdraw_widget.scene import Region, Scene

def threads():
    return len(list(Path("/proc/self/task").iterdir()))

engine = load_engine("crayon", device="cpu")
y, x = np.mgrid[0:512, 0:512]
edited = [
    Scene((512, 512), "sky", [Region("sea", y > 300), Region("sun", (x - at) ** 2 + (y - 90) ** 2 < 3600)])
    for at in (200, 240)
]
computed(engine.device, lambda: torch.randn(1000, 1000) @ torch.randn(1000, 1000))  # its own team is there
engine.generate(edited[0], steps=1)

def paint():
    before = threads()
    *_, kept = engine.denoise(edited[0], steps=2, mode="auto")
    for _ in engine.denoise(edited[1], steps=2, mode="auto", after=kept.trajectory):
        pass
    kept.rgb()
    next(iter(engine.stream(edited, steps=2, mode="masked"))).rgb()
    engine.wait_for_compiling()
    until = time.monotonic() + 10
    while threads() > before and time.monotonic() < until:  # one that has been joined is listed a moment longer
        time.sleep(0.01)
    print(threads() - before)

caller = threading.Thread(target=paint)
caller.start()
caller.join()
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts the process's threads as Linux lists them")
def test_no_caller_gets_a_team_of_its_own() -> None:
    """A large operation in the caller's thread would start helpers for it, and slow down every later network call."""
    env = {**os.environ, "OMP_NUM_THREADS": "2"}  # one thread would need no team
    told = subprocess.run([sys.executable, "-c", TEAM], env=env, capture_output=True, check=True)
    assert int(told.stdout) == 0


FAULTS = """
import resource, threading, torch
from semanticdraw_widget.engine.thread import keep_memory
keep_memory()
def layers():
    parts = []
    for megabytes in (2, 8, 1, 8, 8, 4, 8, 1):  # as a decoder's: each lives until the next but one is there
        parts = [torch.empty(megabytes << 18).fill_(1), *parts[:2]]
def compute():
    for _ in range(3):
        layers()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        layers()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
thread = threading.Thread(target=compute)
thread.start()
thread.join()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU C library")
def test_memory_that_comes_back_is_not_asked_of_the_system_again() -> None:
    """By the pages that the system has to hand out for it: 60,000 without."""
    own = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "LD_PRELOAD")
    env = {name: value for name, value in os.environ.items() if name not in own}
    told = subprocess.run([sys.executable, "-c", FAULTS], env=env, capture_output=True, check=True)
    assert int(told.stdout) < 6_000


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
