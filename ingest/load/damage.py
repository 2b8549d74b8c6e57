"""What parsers raise on cut and garbled files, as fuzzing found: anything that a wrong byte can lead them to."""

from __future__ import annotations

import struct
import zipfile
import zlib

DAMAGE: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,  # of XML, too
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
