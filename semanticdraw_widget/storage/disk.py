"""To a path or an open file, and from one. A path is never left with half a file."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias
from uuid import uuid4

from .errors import StorageError
from .limits import MAX_FILE

FileLike: TypeAlias = "str | os.PathLike[str] | BinaryIO"


def put(target: FileLike, data: bytes) -> None:
    """Write `data` to a path, in place of what is there, or to a file open for writing.

    A path gets a new file beside it first, which then takes its place at once: whoever reads it, and whatever fails,
    there is either the old file or the whole new one.
    """
    if not isinstance(target, str | os.PathLike):
        target.write(data)
        return
    path = Path(os.path.realpath(target))  # a link stays, and what it leads to is replaced
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder; make it first", str(path.parent))
    beside = path.with_name(f".{path.name[:80]}.{uuid4().hex[:8]}.part")
    # Not tempfile's, whose files nobody else may read: this one gets the rights that open() gives.
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


@contextmanager
def opened(source: FileLike, what: str) -> Iterator[BinaryIO]:
    """A seekable file to read from: a path's, or the given one from where it stands."""
    with open(source, "rb") if isinstance(source, str | os.PathLike) else io.BytesIO(source.read(MAX_FILE + 1)) as file:
        _check_length(file, what)
        yield file


def _check_length(file: BinaryIO, what: str) -> None:
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not 0 < length <= MAX_FILE:
        raise StorageError(f"this {what} has {length} bytes; files of 1 to {MAX_FILE} bytes are read")
