"""Values that are not what they should be, for each scalar: of another kind, beyond all bounds, or full of tricks."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

NUL = "a\x00b"


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


OF_ANOTHER_KIND: dict[str, Any] = {
    "null": None,
    "true": True,
    "a number": 7,
    "a fraction": 1.5,
    "a list": ["a", ["b"]],
    "an object": {"a": 1, "__class__": "b"},
}

TEXTS = {
    "U+0000": NUL,
    "nothing": "",
    "spaces": " \t\r\n\u00a0\u2028\u3000",
    "a line that is broken": "a\r\nSet-Cookie: b=c\r\n\r\n",
    "a word that runs backwards": "\u202eabc\u2066",
    "what is not seen": "\ufeff\u200b\u200d\u00ad",
    "the last characters of all": "\U0010ffff\ufffe\uffff",
    "a letter with a thousand marks": "a" + "\u0301" * 1000,
    "a letter in two ways": "\u00e9e\u0301\ufb03\u212b",
    "a family": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "a path": "../../../etc/passwd",
    "SQL": "'; drop table users; --",
    "a pattern of SQL": "%_\\",
    "a format": "%s%n{0.__class__.__mro__}${jndi:ldap://a}{{7*7}}",
    "a tsquery": "a & (b | !c) <-> 'd':*",
    "JSON": '{"a": "b"}',
    "a name of the language": "__proto__",
    "a hundred thousand letters": "x" * 100_000,
    "a hundred thousand marks": "\u0301" * 100_000,
    "ten thousand words": "a b " * 10_000,
}

IDS = {
    **TEXTS,
    "the bytes of another type": urlsafe_b64encode(b"X" + bytes(32)).decode().rstrip("="),
    "nobody": urlsafe_b64encode(b"U" + bytes(16)).decode().rstrip("="),
    "nobody's": urlsafe_b64encode(b"C" + bytes(32)).decode().rstrip("="),
    "too short by one": urlsafe_b64encode(b"C" + bytes(31)).decode().rstrip("="),
    "too long by a thousand": urlsafe_b64encode(b"C" + bytes(1032)).decode().rstrip("="),
    "one that is filled up": urlsafe_b64encode(b"U" + bytes(16)).decode(),
    "a negative number": -1,
    "a large number": 2**62,
    "a UUID": "00000000-0000-0000-0000-000000000000",
}

WHOLE = {
    "one too many": 2**31,
    "one too few": -(2**31) - 1,
    "the largest": 2**31 - 1,
    "the smallest": -(2**31),
    "below nothing": -1,
    "nothing": 0,
    "of 64 bits": 2**63 - 1,
    "a fraction that is whole": 1.0,
    "a fraction beyond all": 1e300,
    "a number in a string": "1",
    "digits of another script": "\u0661",
    "U+0000": NUL,
}

TIMES = {
    "the year 0": "0000-01-01T00:00:00Z",
    "before the first year": "0001-01-01T00:00:00+14:00",
    "the first year": "0001-06-01T00:00:00Z",
    "the last moment": "9999-12-31T23:59:59.999999Z",
    "after the last year": "9999-12-31T23:59:59-14:00",
    "the year 10000": "10000-01-01T00:00:00Z",
    "before Christ": "-0044-03-15T12:00:00Z",
    "30 February": "2026-02-30T12:00:00Z",
    "a leap second": "2026-06-30T23:59:60Z",
    "hour 24": "2026-06-30T24:00:00Z",
    "an offset that is none": "2026-06-30T12:00:00+99:99",
    "no offset": "2026-06-30T12:00:00",
    "a day": "2026-06-30",
    "a space": "2026-06-30 12:00:00Z",
    "a tenth digit": "2026-06-30T12:00:00.1234567891Z",
    "digits of another script": "\u0662\u0660\u0662\u0666-06-30T12:00:00Z",
    "U+0000": "2026-06-30T12:00:00Z\x00",
    "a word": "now",
    "nothing": "",
    "seconds": 1_780_000_000,
    "without end": "2" * 100_000,
}

TREES: dict[str, Any] = {
    "U+0000 in a value": {"text": NUL},
    "U+0000 in a key": {NUL: 1},
    "U+0000 far inside": {"a": [{"b": [NUL]}]},
    "no key": {"": 1},
    "names of the language": {"__proto__": {"a": 1}, "constructor": {"prototype": {}}, "__class__": "x", "$where": "1"},
    "one level too many": nested(33),
    "a hundred levels": nested(100),
    "ten thousand keys": {f"k{number}": number for number in range(10_000)},
    "a key without end": {"k" * 100_000: 1},
    "a text without end": {"text": "x" * 300_000},
    "a number of 64 bits": {"a": 2**63 - 1, "b": -(2**63)},
    "a number of more": {"a": 2**64 - 1},
    "a fraction beyond all": {"a": 1.7e308, "b": 5e-324, "c": -0.0},
    "strange text": {"text": TEXTS["a word that runs backwards"] + TEXTS["the last characters of all"]},
    "parts of no type": {"text": 7, "role": [], "message": {}, "home": None},
    "a list": [1, 2],
    "text": "{}",
    "a number": 7,
    "true": True,
    "null": None,
    "nothing": {},
}  # fmt: skip

HOSTILE: dict[str, dict[str, Any]] = {
    "String": {**OF_ANOTHER_KIND, **TEXTS},
    "ID": {**OF_ANOTHER_KIND, **IDS},
    "Int": {**OF_ANOTHER_KIND, **WHOLE},
    "Float": {**OF_ANOTHER_KIND, **WHOLE},
    "Boolean": {**OF_ANOTHER_KIND, "a word": "true", "nothing": "", "one": 1},
    "DateTime": {**OF_ANOTHER_KIND, **TIMES},
    "JSON": TREES,
}
"""By the scalar; an enum takes none of the texts."""
