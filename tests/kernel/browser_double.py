"""The front end's half of a real kernel connection, without a browser.

A Page starts nothing but talks to a running kernel as JupyterLab does: it opens a subshell where the kernel
has them, sends comm messages over it, and keeps what the kernel publishes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient


class Page:
    """One open page: a client, its subshell, and all IOPub messages so far."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.published: list[dict[str, Any]] = []
        self.subshell: str | None = None
        self.confirms = True
        if "kernel subshells" in self._ask("kernel_info_request")["content"].get("supported_features", []):
            self.open_subshell()

    # ------------------------------------------------------------ subshells

    def open_subshell(self) -> None:
        """What JupyterLab does once per comm target."""
        self.subshell = self._ask("create_subshell_request")["content"]["subshell_id"]

    def delete_subshell(self, subshell: str) -> None:
        self._ask("delete_subshell_request", {"subshell_id": subshell})

    def _ask(self, kind: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """A request on the control channel, and its reply."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        while True:
            reply: dict[str, Any] = self.client.control_channel.get_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply

    # ------------------------------------------------------------ cells

    def start_cell(self, code: str) -> str:
        """Send a cell; returns its id without waiting for it."""
        return self.client.execute(code, allow_stdin=False)

    def run_cell(self, code: str, timeout: float = 120.0) -> str:
        """Run a cell to its end; returns what it printed. Fails with its traceback if it raised."""
        return self.finish_cell(self.start_cell(code), timeout)

    def finish_cell(self, cell: str, timeout: float = 120.0) -> str:
        self.until(lambda: self.is_done(cell), timeout)
        mine = [m for m in self.published if m["parent_header"].get("msg_id") == cell]
        for message in mine:
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
        return "".join(m["content"]["text"] for m in mine if m["msg_type"] == "stream")

    def is_done(self, cell: str) -> bool:
        return any(
            m["msg_type"] == "status"
            and m["content"]["execution_state"] == "idle"
            and m["parent_header"].get("msg_id") == cell
            for m in self.published
        )

    # ------------------------------------------------------------ comms

    def send(self, comm: str, data: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self._send("comm_msg", {"comm_id": comm, "data": data}, buffers)

    def custom(self, comm: str, content: dict[str, Any], *buffers: bytes) -> None:
        self.send(comm, {"method": "custom", "content": content}, list(buffers))

    def update(self, comm: str, **state: Any) -> None:
        self.send(comm, {"method": "update", "state": state, "buffer_paths": []})

    def close_comm(self, comm: str) -> None:
        self._send("comm_close", {"comm_id": comm, "data": {}}, None)

    def _send(self, kind: str, content: dict[str, Any], buffers: list[bytes] | None) -> None:
        message = self.client.session.msg(kind, content)
        if self.subshell is not None:
            message["header"]["subshell_id"] = self.subshell
        self.client.session.send(self.client.shell_channel.socket, message, buffers=buffers or [])

    # ------------------------------------------------------------ what the kernel said

    def opened_comm(self, model: str = "AnyModel") -> str:
        """Id of the last widget model of that kind that the kernel opened."""
        opened = [m["content"] for m in self.published if m["msg_type"] == "comm_open"]
        return [c["comm_id"] for c in opened if c["data"]["state"].get("_model_name") == model][-1]

    def messages(self, comm: str, kind: str) -> list[dict[str, Any]]:
        """Custom messages of that type, in order; a frame's bytes under "png"."""
        found = []
        for message in self.published:
            content = message["content"]
            if message["msg_type"] == "comm_msg" and content["comm_id"] == comm:
                inner = content["data"].get("content", {})
                if content["data"]["method"] == "custom" and inner["type"] == kind:
                    found.append({**inner, "png": b"".join(map(bytes, message["buffers"]))})
        return found

    def settled(self, comm: str) -> list[dict[str, Any]]:
        return [frame for frame in self.messages(comm, "frame") if frame["kind"] == "settled"]

    def read(self, timeout: float = 0.05) -> None:
        """Take in what the kernel has published, for at most `timeout` seconds."""
        try:
            message = self.client.get_iopub_msg(timeout=timeout)
        except Empty:
            return
        self.published.append(message)
        inner = message["content"].get("data", {}).get("content") if message["msg_type"] == "comm_msg" else None
        if self.confirms and inner and inner["type"] == "frame":
            painted = {"type": "painted", "seq": inner["seq"], "received": 1.0, "painted": 2.0}
            self.custom(message["content"]["comm_id"], painted)

    def read_for(self, seconds: float) -> None:
        """Take in everything for that long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()

    def until(self, condition: Callable[[], object], timeout: float = 60.0) -> None:
        """Read until `condition()` is true; fail after `timeout` seconds."""
        now = time.monotonic()
        end, nudge = now + timeout, now + 3.0
        while not condition():
            now = time.monotonic()
            if now > end:
                texts = [m["content"].get("text", "") for m in self.published if m["msg_type"] == "stream"]
                raise AssertionError(f"still not true after {timeout} s; the kernel printed: {''.join(texts)}")
            if now > nudge:
                self.client.kernel_info()  # ipykernel 7.1 to 7.3 may leave a request unread until another comes
                nudge = now + 3.0
            self.read()
