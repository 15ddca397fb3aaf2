"""Quicker ways to run a network, made ready in the background so that no edit waits for them.

Compiling a network takes from seconds to minutes, again for every shape of its inputs. So a call is served as it
always was until the quick way has run once for inputs like its own; a thread of its own sees to that. Shapes that
come up rarely, and layers that are bound to regions (fusion.py), whose state changes with the scene, are never moved.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any, Literal, Protocol

import torch
from torch import nn

from .background import begin
from .errors import out_of_memory

Compile = Literal[False, True, "graphs"]
Run = Callable[..., Any]

OFTEN = 3  # calls of a shape before it is worth the trouble
KEPT = 32  # shapes that are kept, of each network


class Prepare(Protocol):
    """Makes a quick way to call ``run`` for inputs like these, and runs it once."""

    def __call__(self, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Run: ...


class Swift:
    """Stands for the ``forward`` of ``module``: quick where it is ready, plain elsewhere.

    It works on a twin of the module that has the same weights and attention of its own, since another thread binds the
    module's attention to regions. prepare: ``Compiled`` or ``Graphed``. notes: told if that fails; the module then
    runs on as it is.
    """

    def __init__(self, module: nn.Module, prepare: Callable[[], Prepare], notes: list[str]) -> None:
        self.module, self.notes = module, notes
        self.plain: Run = module.forward
        self._new_prepare = prepare
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._attention = next((part for part in module.modules() if hasattr(part, "processor")), None)
        self.restart()

    def restart(self) -> None:
        """Drop all that is ready: the weights are others now, or elsewhere."""
        with self._lock:
            self._prepare = self._new_prepare()  # a preparation under way keeps the old one, and is thrown away
            self._twin = twin(self.module)
            self._ready: OrderedDict[Hashable, Run] = OrderedDict()
            self._asked: Counter[Hashable] = Counter()
            self._failed: set[Hashable] = set()
            self._stopped = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = getattr(getattr(self._attention, "processor", None), "regions", None) is not None
        if bound or self._stopped or not torch.is_inference_mode_enabled():
            return self.plain(*args, **kwargs)
        key = signature((args, kwargs))
        with self._lock:
            run = self._ready.get(key)
            if run is not None:
                self._ready.move_to_end(key)
            else:
                self._begin(key, args, kwargs)
        return (run or self.plain)(*args, **kwargs)

    def _begin(self, key: Hashable, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Prepare for inputs like these, if they come up often and no other preparation is under way."""
        self._asked[key] += 1
        busy = self._thread is not None and self._thread.is_alive()
        if busy or self._asked[key] < OFTEN or key in self._failed:
            return
        # It ends with its work: a thread that has computed keeps a team of others alive (thread.py).
        work = (self._prepare, self._twin, key, args, kwargs)
        self._thread = begin("semanticdraw-compile", self._make_ready, *work)

    def _make_ready(
        self, prepare: Prepare, network: nn.Module, key: Hashable, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        try:
            with torch.inference_mode(), on_device_of(args):
                run = prepare(network.forward, args, kwargs)
        except Exception as error:  # compilers fail in many ways, and none of them may cost a picture
            with self._lock:
                if prepare is not self._prepare:
                    return
                self._failed.add(key)
                if not out_of_memory(error):
                    self._stopped = True
                    why = next(iter(str(error).splitlines()), "")
                    self.notes.append(f"the network could not be compiled, so it runs as it is: {why}")
            return
        with self._lock:
            if prepare is self._prepare:
                self._ready[key] = run
                while len(self._ready) > KEPT:
                    self._asked.pop(self._ready.popitem(last=False)[0], None)

    def wait(self, timeout: float | None = None) -> None:
        """Until no preparation is under way."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    @property
    def ready(self) -> int:
        """For how many shapes the quick way is there."""
        return len(self._ready)


class Compiled:
    """torch.compile, a shape at a time. backend: one of its own.

    It compiles in the thread that prepares, and nowhere else: should a call in another thread find that what was
    compiled does not fit it after all, the traced operations run as they are.
    """

    def __init__(self, backend: str | Callable[..., Any] = "inductor") -> None:
        self._backend = torch._dynamo.lookup_backend(backend) if isinstance(backend, str) else backend
        self._here = threading.local()
        self._run: Run | None = None

    def compile(self, graph: Any, inputs: Any) -> Any:
        return self._backend(graph, inputs) if getattr(self._here, "yes", False) else graph.forward

    def __call__(self, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Run:
        self._run = self._run or torch.compile(run, backend=self.compile, dynamic=False)
        self._here.yes = True
        try:
            # Each shape is one more version of the same function; torch's own limit is 8.
            with torch._dynamo.config.patch(cache_size_limit=2 * KEPT):
                self._run(*args, **kwargs)
        finally:
            self._here.yes = False
        return self._run


class Graphed:
    """CUDA graphs: a call's kernels are recorded once and started all together, without Python's share of the time.

    Not those of torch.compile, which belong to the thread that recorded them. record: how to record a function of
    nothing; returns what repeats it. (The default one needs a GPU.)
    """

    def __init__(self, record: Callable[[Run], Callable[[], None]] | None = None) -> None:
        self._record = record or Recorder()

    def __call__(self, run: Run, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Run:
        held_args, held_kwargs = held((args, kwargs))
        into = tensors((held_args, held_kwargs))
        made: list[Any] = [None]

        def body() -> None:
            made[0] = run(*held_args, **held_kwargs)

        repeat = self._record(body)

        def replay(*args: Any, **kwargs: Any) -> Any:
            for own, given in zip(into, tensors((args, kwargs))):
                own.copy_(given)
            repeat()
            return held(made[0])  # the next call writes over it

        return replay


class Recorder:
    """Records with CUDA. All graphs share memory, as one runs at a time and its answer is copied at once."""

    def __init__(self) -> None:
        self._pool: Any = None

    def __call__(self, body: Run) -> Callable[[], None]:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            body()  # libraries set themselves up in the first call, which cannot be recorded
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # Meanwhile another thread may run the network and allocate memory.
        with torch.cuda.graph(graph, pool=self._pool, stream=side, capture_error_mode="thread_local"):
            body()
        self._pool = graph.pool()
        replay: Callable[[], None] = graph.replay
        return replay


# ---------------------------------------------------------------- a model's networks


def checked_compile(compile: Any, device: torch.device) -> Compile:
    """``compile``, if it is a choice and ``device`` can have it; ValueError otherwise."""
    if not (compile is False or compile is True or compile == "graphs"):
        raise ValueError(f"compile is {compile!r}, it must be False, True or 'graphs'")
    if compile == "graphs" and device.type != "cuda":
        raise ValueError(f"compile is 'graphs', which needs CUDA, and the device is {device}; give True or False")
    chosen: Compile = compile
    return chosen


def accelerate(network: nn.Module, vae: Any, prepare: Callable[[], Prepare], notes: list[str]) -> None:
    """Let ``network`` and the decoder of ``vae`` run the quick way that ``prepare`` makes."""
    for module in (network, vae.decoder):
        module.forward = Swift(module, prepare, notes)


def swift(module: nn.Module) -> list[Swift]:
    """Those of ``module`` and its parts."""
    found = (vars(part).get("forward") for part in module.modules())
    return [forward for forward in found if isinstance(forward, Swift)]


def restart(module: nn.Module) -> None:
    """What was made ready for the weights of ``module`` is dropped, as they have changed."""
    for one in swift(module):
        one.restart()


def twin(module: nn.Module) -> nn.Module:
    """A copy of ``module`` that shares its weights."""
    shared = {id(t): t for t in (*module.parameters(), *module.buffers())}
    forward = vars(module).pop("forward", None)
    try:
        return deepcopy(module, shared)
    finally:
        if forward is not None:
            module.forward = forward


# ---------------------------------------------------------------- inputs


def signature(value: Any) -> Hashable:
    """What tells apart inputs that need code of their own."""
    if isinstance(value, torch.Tensor):
        return value.shape, value.stride(), value.dtype, value.device, value.is_inference()
    if isinstance(value, dict):
        return tuple((name, signature(value[name])) for name in sorted(value))
    if isinstance(value, (list, tuple)):
        return (type(value), *map(signature, value))
    return type(value), value


def tensors(value: Any) -> list[torch.Tensor]:
    """All tensors in ``value``, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    parts = [value[name] for name in sorted(value)] if isinstance(value, dict) else value
    return [t for part in parts for t in tensors(part)] if isinstance(parts, (list, tuple)) else []


def held(value: Any) -> Any:
    """``value`` with copies of the tensors in it."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {name: held(part) for name, part in value.items()}
    return type(value)(map(held, value)) if isinstance(value, (list, tuple)) else value


def on_device_of(args: tuple[Any, ...]) -> AbstractContextManager[Any]:
    """The CUDA device of the first tensor is the current one inside: a new thread begins with the first device."""
    device = next((t.device for t in tensors(args)), torch.device("cpu"))
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()
