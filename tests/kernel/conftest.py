"""A kernel for all tests of this folder, and for each test a page that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from kernel.browser_double import Page


@pytest.fixture(scope="session")
def model() -> str:
    """The embedded model: small enough to be the real thing in every test."""
    return "crayon"


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def page(client: BlockingKernelClient) -> Iterator[Page]:
    page = Page(client)
    page.run_cell("import asyncio, time\nfrom semanticdraw_widget import SemanticDraw")
    yield page
    page.run_cell("if 'canvas' in globals(): canvas.close(); del canvas")
    if page.subshell is not None:
        page.delete_subshell(page.subshell)
