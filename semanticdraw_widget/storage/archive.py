"""Zip files: members in, members out, all in memory. Nothing is ever unpacked to the disk.

A zip from a stranger may say anything about itself, so sizes are counted while reading, whatever its headers say.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, BinaryIO

from .errors import StorageError
from .limits import FREE_OF_RATIO, MAX_DIRECTORY, MAX_MEMBER, MAX_MEMBERS, MAX_RATIO, MAX_TOTAL

_END = b"PK\x05\x06"
_END_LENGTH = 22
_LOCATOR_64 = b"PK\x06\x07"
_PIECE = 2**16
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,  # zipfile's word for "encrypted", and what its error for an unknown compression is a kind of
    ValueError,
    OverflowError,
)


class Archive:
    """A zip file whose members can be read, each as often as one likes, all within the limits.

    Args:
        file: seekable, open for reading.
        what: how errors call it, as in "OpenRaster file".

    Raises:
        StorageError: no zip, a damaged one, or one that only an attacker would write.
    """

    def __init__(self, file: BinaryIO, what: str) -> None:
        self._file, self._what, self._total = file, what, 0
        try:
            self._length = _check_directory(file, what)
            self._zip = zipfile.ZipFile(file)
        except StorageError:
            raise
        except _DAMAGED as error:
            raise StorageError(f"this {what} is a damaged zip: {error}; get the whole file again") from None
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            _check_name(member.filename, what)
            if member.filename in self._members:
                raise StorageError(
                    f"this {what} has two members {member.filename!r}, so that what it shows depends on the reader; "
                    "save it again"
                )
            self._members[member.filename] = member

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def read(self, name: str, most: int = MAX_MEMBER) -> bytes:
        """A member's bytes, at most `most` of them."""
        member = self._members.get(name)
        if member is None:
            raise StorageError(f"this {self._what} has no member {name!r}; it is not complete")
        if member.flag_bits & 1:
            raise StorageError(f"the member {name!r} of this {self._what} is encrypted; save it without a password")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise StorageError(
                f"the member {name!r} of this {self._what} is packed by method {member.compress_type}; "
                "only stored (0) and deflated (8) ones are read"
            )
        try:
            with self._zip.open(member) as stream:
                return self._counted(stream, name, most, min(member.compress_size, self._length))
        except StorageError:
            raise
        except _DAMAGED as error:
            reason = str(error) or "it ends too early"
            raise StorageError(f"the member {name!r} of this {self._what} is damaged: {reason}") from None

    def _counted(self, stream: IO[bytes], name: str, most: int, packed: int) -> bytes:
        pieces: list[bytes] = []
        length = 0
        while piece := stream.read(_PIECE):
            length += len(piece)
            self._total += len(piece)
            if length > most:
                raise StorageError(
                    f"the member {name!r} of this {self._what} unpacks to more than {most} bytes; no drawing needs that"
                )
            if length > FREE_OF_RATIO and length > MAX_RATIO * packed:
                raise StorageError(
                    f"the member {name!r} of this {self._what} unpacks {packed} bytes to more than {MAX_RATIO} times "
                    "as many, as zip bombs do; save it again in the program it comes from"
                )
            if self._total > MAX_TOTAL:
                raise StorageError(
                    f"this {self._what} unpacks to more than {MAX_TOTAL} bytes; make it smaller in another program"
                )
            pieces.append(piece)
        return b"".join(pieces)


def _check_directory(file: BinaryIO, what: str) -> int:
    """That the table of contents is small; returns the length of the file.

    Looks for the table's end where zipfile does: right at the end, else as far back as a comment may reach.
    """
    length = file.seek(0, io.SEEK_END)
    file.seek(max(0, length - _END_LENGTH - _LOCATOR_LENGTH - 2**16))
    tail = file.read()
    end = len(tail) - _END_LENGTH
    if not (end >= 0 and tail.startswith(_END, end) and tail.endswith(b"\0\0")):
        end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_LENGTH:
        raise StorageError(f"this {what} is not a zip file, or is cut short; get the whole file again")
    if tail[max(0, end - _LOCATOR_LENGTH) : end].startswith(_LOCATOR_64):
        raise StorageError(f"this {what} is a zip64, which only files above 4 GiB need; save it again")
    members, directory = struct.unpack_from("<HL", tail, end + 10)
    if members > MAX_MEMBERS or directory > MAX_DIRECTORY:
        raise StorageError(
            f"this {what} lists {members} members in {directory} bytes; at most {MAX_MEMBERS} in {MAX_DIRECTORY} bytes "
            "are read; merge layers in another program"
        )
    return length


_LOCATOR_LENGTH = 20


def _check_name(name: str, what: str) -> None:
    """A member's name leads nowhere else. Nothing is unpacked by name here, but an honest writer writes no other."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\0" in name:
        raise StorageError(f"this {what} has a member {name[:80]!r}, whose name leads out of the file; don't trust it")


def write_zip(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of (name, bytes) in this order. PNGs and mimetype are stored, the rest is deflated, unless it packs so well
    that a reader would take it for a bomb.

    Every time stamp is that of zip's first day, so that the same drawing gives the same bytes.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o644 << 16
            packed = name.endswith((".json", ".xml")) and not _packs_too_well(data)
            member.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(member, data)
    return file.getvalue()


def _packs_too_well(data: bytes) -> bool:
    return len(data) > FREE_OF_RATIO and len(data) > MAX_RATIO // 2 * len(zlib.compress(data))
