"""The JupyterLab of the browser tests: the bench's own."""

from semanticdraw_widget.bench.lab import Lab

__all__ = ["Lab"]
