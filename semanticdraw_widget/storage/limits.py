"""How large a file may be that is read. Files come from strangers, so each number is checked while reading.

An honest drawing of the largest kind (64 masks of 4096 x 4096 px full of noise) just fits. The sides of pictures are
limited as those of masks are, in masks.py.
"""

from __future__ import annotations

MAX_FILE = 3 * 2**29
"""Bytes of a whole file, 1.5 GiB."""
MAX_MEMBERS = 512
"""Members of a zip."""
MAX_DIRECTORY = MAX_MEMBERS * 1024
"""Bytes of a zip's table of contents. Python's zipfile reads all of it before anybody can count members."""
MAX_MEMBER = 80 * 2**20
"""Bytes of one unpacked member: four channels of 4096 x 4096 px that do not compress, and some more."""
MAX_TOTAL = 3 * 2**29
"""Bytes of all unpacked members together, 1.5 GiB."""
MAX_RATIO = 200
"""Unpacked bytes to a packed one. Pictures in a zip are packed already, and text rarely reaches 20."""
FREE_OF_RATIO = 2**20
"""The first bytes of a member, for which the ratio does not count: little files of one color pack too well."""

MAX_JSON = 4 * 2**20
"""Bytes of JSON without pixels in it: 64 regions of three texts of 1000 characters, each escaped, make 2.3 MiB."""
MAX_JSON_BRUSHES = 8 * 2**20
"""Bytes of JSON with brushes: 256 of a name and two prompts of 1000 characters, each escaped, make 6.5 MiB."""
MAX_JSON_WITH_MASKS = 48 * 2**20
"""Bytes of JSON with packed masks in it. Pillow takes no more than 64 MiB of text in a PNG."""
MAX_JSON_DEPTH = 8
MAX_JSON_STRUCTURE = 2**18
"""Characters of JSON outside of texts, which bounds how many values there can be."""
MAX_JSON_TEXTS = 2**14
"""Texts in JSON, names of fields included."""

MAX_XML = 2**20
"""Bytes of an OpenRaster stack.xml."""
MAX_GROUPS = 32
"""Depth of groups in groups of layers."""
MAX_OFFSET = 2**20
"""Px that a layer may lie off the canvas."""

MAX_SETTINGS = 32
MAX_SETTING_TEXT = 1000
THUMBNAIL = 256
"""Longest side of a thumbnail, px."""
