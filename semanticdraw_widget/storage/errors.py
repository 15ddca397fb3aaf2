"""The one error of this package."""

from __future__ import annotations


class StorageError(ValueError):
    """A file that cannot be read, or a drawing that cannot be written.

    The message names the value, the limit and the way out. Trouble with the disk itself (no such file, no room, no
    right to write) stays the OSError that it is.
    """
