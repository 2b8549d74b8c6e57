"""Decode text of any encoding."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from ingest.errors import LoadError
from ingest.load.signature import looks_like

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where an encoding keeps its everyday characters: the lead bytes of the first plane of its standard.
_CHINESE = (("gb18030", "gb2312", range(0xB0, 0xD8)), ("big5", "big5", range(0xA4, 0xC7)))
_COMMON = frozenset("的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也对對能年公司工作")
_HANZI = re.compile("[\u4e00-\u9fff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 40_000
_ALIASES = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"}


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def decoded(path: Path, declared: str | None = None) -> Decoded:
    """Decode a file: by its byte order mark, as UTF-8, as declared, as Chinese, else by its statistics.

    :param declared: an encoding the file itself names; taken if the bytes agree with it.
    :raises LoadError: if it is no text.
    """
    raw = path.read_bytes()
    found = decoded_bytes(raw, declared)
    if found is None or len(_CONTROL.findall(found.text[:_SAMPLE])) > 0.02 * len(found.text[:_SAMPLE]) + 1:
        real = looks_like(raw)
        raise LoadError(
            f"{path.name}: is {real}: give it the right suffix"
            if real
            else f"{path.name}: is not text in any known encoding: save it as UTF-8"
        )
    return found


def decoded_bytes(raw: bytes, declared: str | None = None) -> Decoded | None:
    """Decode bytes as :func:`decoded` does; None if no encoding fits."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _lenient(raw, encoding)
    if b"\x00" in raw[:_SAMPLE]:
        return _wide(raw)
    for candidate in ("utf-8", _ALIASES.get((declared or "").lower(), declared)):
        if candidate and (text := _strict(raw, candidate)) is not None:
            return Decoded(text, candidate)
    chinese = max((_chinese(raw, *candidate) for candidate in _CHINESE), key=lambda found: found[0])
    # A cut or slightly damaged UTF-8 file: hardly a wrong byte among its many-byte characters.
    utf8 = raw.decode("utf-8", "replace")
    wrong = utf8.count("\ufffd")
    right = sum(char > "\x7f" for char in utf8) - wrong
    if right and wrong <= 1 + 0.02 * right and chinese[0] < 1.2:
        return _lenient(raw, "utf-8")
    if chinese[0] >= 0.6:
        return _lenient(raw, chinese[1])
    guesses = from_bytes(raw[:_SAMPLE])
    guess = guesses.best()
    if guess is None:
        return None
    # On short texts the Western European and the Baltic code page look alike; the first is far commoner.
    latin = all(char < "\u0250" or char > "\u2000" for char in str(guess))
    western = latin and any(one.encoding == "cp1252" for one in guesses)
    return _lenient(raw, "cp1252" if western else guess.encoding)


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _lenient(raw: bytes, encoding: str) -> Decoded:
    text = raw.decode(encoding, "replace")
    wrong = text.count("\ufffd")
    warnings = (f"{wrong} bytes are no {encoding} and were left out",) if wrong else ()
    return Decoded(text.replace("\ufffd", ""), encoding, warnings)


def _wide(raw: bytes) -> Decoded | None:
    """UTF-16 without a mark: the reading with more ASCII and everyday Chinese."""
    found = []
    for encoding in ("utf-16-le", "utf-16-be"):
        text = raw[:_SAMPLE].decode(encoding, "ignore")
        plain = sum(" " <= char <= "~" or char in "\r\n\t" or "\u3000" <= char <= "\u9fff" for char in text)
        rare = sum("\u3400" <= char <= "\u9fff" and char not in _COMMON for char in text)
        found.append(((plain - 0.5 * rare) / max(len(text), 1), plain / max(len(text), 1), encoding))
    _, plain_share, encoding = max(found)
    return _lenient(raw, encoding) if plain_share > 0.9 else None


def _chinese(raw: bytes, encoding: str, standard: str, everyday: range) -> tuple[float, str]:
    """Score an encoding by the share of its characters that are everyday Chinese, at most 2."""
    sample = raw[:_SAMPLE].decode(encoding, "replace")
    hanzi = _HANZI.findall(sample)
    wrong = sample[:-2].count("\ufffd")
    # Non-ASCII characters that are neither Chinese nor its punctuation speak for another script.
    other = sum("\x7f" < char < "\u2e80" and char not in "“”‘’—…·①②③×°±" for char in sample)
    if not hanzi or wrong > 0.01 * len(sample):
        return 0.0, encoding
    common = sum(char in _COMMON for char in hanzi)
    kana = sum("\u3041" <= char <= "\u30fa" for char in sample)
    if kana > 0.3 * len(hanzi) or (len(hanzi) > 100 and common < 0.02 * len(hanzi)):
        return 0.0, encoding  # Japanese or Korean in a code that shares its bytes with Chinese
    usual = sum(_lead(char, standard) in everyday for char in hanzi) + 2 * common
    return min(2.0, usual / len(hanzi)) * len(hanzi) / (len(hanzi) + wrong + other), encoding


def _lead(char: str, standard: str) -> int:
    encoded = char.encode(standard, "ignore")
    return encoded[0] if encoded else 0
