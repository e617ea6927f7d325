"""A stable digest of plain data. Anything that is not plain data is a TypeError, which is what keeps hidden inputs out.

Plain data is str, int, bool, None, date, bytes, and tuples and frozen dataclasses of plain data. Equal values have
equal digests in every process, on every machine; values that differ in type or in grouping have different ones
(every part is written with its type and length, so `("ab", "c")` is not `("a", "bc")`, and `1` is not `True`).
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from hashlib import blake2b
from typing import Any

SIZE = 16  # bytes; 128 bits: no two of 2^40 pages meet by chance


def digest(data: bytes) -> str:
    """Return the digest of bytes as 32 hexadecimal digits (BLAKE2b, RFC 7693)."""
    return blake2b(data, digest_size=SIZE).hexdigest()


def fingerprint(value: object) -> str:
    """Return the digest of plain data as 32 hexadecimal digits; a TypeError names what is not plain."""
    parts: list[bytes] = []
    _write(value, parts)
    return digest(b"".join(parts))


def _write(value: Any, parts: list[bytes]) -> None:
    kind = type(value)
    if kind is str:
        data = value.encode("utf-8", "surrogatepass")
        parts.append(b"s%d:" % len(data))
        parts.append(data)
    elif kind is tuple:
        parts.append(b"t%d:" % len(value))
        for item in value:
            _write(item, parts)
    elif kind is bool:
        parts.append(b"T" if value else b"F")
    elif value is None:
        parts.append(b"N")
    elif kind is int:
        parts.append(b"i%d;" % value)
    elif kind is date:
        parts.append(b"d" + value.isoformat().encode())
    elif kind is bytes:
        parts.append(b"b%d:" % len(value))
        parts.append(value)
    elif getattr(getattr(kind, "__dataclass_params__", None), "frozen", False):
        known = getattr(value, "fingerprint", None)
        if known and type(known) is str:  # a value that many pages share carries its own digest, computed once
            parts.append(b"f" + kind.__name__.encode() + b":" + known.encode())
            return
        names = _fields(kind)
        parts.append(b"c%d:" % len(names) + kind.__name__.encode() + b";")
        for name in names:
            _write(getattr(value, name), parts)
    else:
        raise TypeError(
            f"{kind.__module__}.{kind.__qualname__} is not plain data and cannot be fingerprinted: {value!r:.80}"
        )


_known: dict[type, tuple[str, ...]] = {}


def _fields(kind: type) -> tuple[str, ...]:
    if kind not in _known:
        _known[kind] = tuple(field.name for field in fields(kind))
    return _known[kind]
