"""A real JupyterLab or Notebook 7, with a folder, settings, port and token of its own: for the bench and the tests."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

import nbformat

SETTINGS = {
    # No question about news, and no request to look for any.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}

APPS = {"lab": "jupyterlab", "notebook": "notebook"}
PAGES = {"lab": "doc/tree", "notebook": "notebooks"}
"""Where a notebook opens alone, without side bars."""

STARTING = 30.0
"""Seconds that a kernel may take to start."""


class Lab:
    """A server on 127.0.0.1, in a folder of its own.

    Args:
        folder: an empty folder; the notebooks live in it.
        theme: "JupyterLab Light" or "JupyterLab Dark".
        app: "lab" for JupyterLab, "notebook" for Notebook 7.
    """

    def __init__(self, folder: Path, theme: str = "JupyterLab Light", app: Literal["lab", "notebook"] = "lab") -> None:
        self.folder = folder
        self.app = app
        self.port = _free_port()
        self.token = secrets.token_hex(16)
        self._log_file = folder / "server.log"
        self._log: IO[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        for name, values in {**SETTINGS, "@jupyterlab/apputils-extension/themes": {"theme": theme}}.items():
            path = folder / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def __enter__(self) -> Lab:
        private = {
            name: str(self.folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        }
        self._log = self._log_file.open("wb")
        self._server = subprocess.Popen(
            [
                *(sys.executable, "-m", APPS[self.app], "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"),
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={self.folder}",
                *self._own_settings(),
            ],
            env={**os.environ, **private},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait()
        return self

    def _own_settings(self) -> list[str]:
        name = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}[self.app]
        return [
            f"--{name}.user_settings_dir={self.folder / 'settings'}",
            f"--{name}.workspaces_dir={self.folder / 'workspaces'}",
        ]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None or self._log is None:
            return
        self._server.terminate()
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
        self._log.close()

    def url(self, notebook: str) -> str:
        """Where a notebook opens alone, without side bars."""
        return f"http://127.0.0.1:{self.port}/{PAGES[self.app]}/{notebook}?token={self.token}"

    def write(self, notebook: str, cells: list[str]) -> str:
        """Write a notebook of code cells; returns its address."""
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
        nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(nb, self.folder / notebook)
        return self.url(notebook)

    def copy(self, notebook: Path) -> str:
        """Take in a notebook that exists; returns its address."""
        shutil.copy(notebook, self.folder)
        return self.url(notebook.name)

    def connection_file(self, notebook: str = "") -> str:
        """Of the kernel of an open notebook, which may still be starting; "" for the kernel that was started last."""
        folder = self.folder / "jupyter_runtime_dir"
        end = time.monotonic() + STARTING
        while time.monotonic() < end:
            files = list(folder.glob("kernel-*.json"))
            if notebook:
                sessions = json.loads(self._request("GET", "api/sessions"))
                ids = [each["kernel"]["id"] for each in sessions if each["path"] == notebook]
                files = [path for path in files if path.stem.removeprefix("kernel-") in ids]
            if files:
                return str(max(files, key=lambda path: path.stat().st_mtime))
            time.sleep(0.2)
        raise TimeoutError(f"no kernel {f'of {notebook} ' if notebook else ''}within {STARTING:g} s")

    def stop_kernels(self) -> None:
        """End every kernel, and with it the models in its memory."""
        for kernel in json.loads(self._request("GET", "api/kernels")):
            self._request("DELETE", f"api/kernels/{kernel['id']}")

    def _request(self, method: str, path: str) -> bytes:
        url = f"http://127.0.0.1:{self.port}/{path}"
        headers = {"Authorization": f"token {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=30) as reply:
            body: bytes = reply.read()
            return body

    def log(self) -> str:
        """What the server and the kernels have printed."""
        return self._log_file.read_text(errors="replace")

    def _wait(self, timeout: float = 60.0) -> None:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self._server is None or self._server.poll() is not None:
                break
            try:
                self._request("GET", "api")
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"{APPS[self.app]} did not start:\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
