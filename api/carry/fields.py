"""What may stand in a line of an export: values as strict as the columns that they go to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

LONGEST_EXTERNAL_ID = 255

LONGEST_COMMENT = 2000
"""Characters of a comment on a response."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LARGEST = 1.7976931348623157e308


def _written(time: object) -> object:
    if isinstance(time, datetime) or (isinstance(time, str) and _TIME.fullmatch(time)):
        return time
    raise ValueError("must be a time such as 2026-11-23T10:00:00.123456+00:00")


def _within_reach(time: datetime) -> datetime:
    # A day of room at both ends, for the bounds that pagination adds.
    if not 1 < time.year < 9999 or not 1 < time.astimezone(UTC).year < 9999:
        raise ValueError("must be in a year from 2 to 9998")
    return time


def _storable(value: Any) -> Any:
    """The JSON value, if PostgreSQL keeps it and the server can read it back."""
    match value:
        case str() if "\x00" in value:
            raise ValueError("must not hold the character U+0000")
        case float() if not isfinite(value):
            raise ValueError("must not hold a number that is not finite")
        case int() if not -_LARGEST <= value <= _LARGEST:
            raise ValueError("must not hold a number so large")
        case dict():
            for key, inner in value.items():
                _storable(key)
                _storable(inner)
        case list():
            for inner in value:
                _storable(inner)
    return value


# The text is looked at first; what is left to read is a time and nothing else.
Time = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_within_reach)
]
Text = Annotated[str, AfterValidator(_storable)]
ExternalId = Annotated[Text, Field(min_length=1, max_length=LONGEST_EXTERNAL_ID)]
Object = Annotated[dict[str, Any], AfterValidator(_storable)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Counts = dict[str, Annotated[int, Field(ge=0)]]
Score = Annotated[int, Field(ge=1, le=5)]
Comment = Annotated[Text, Field(max_length=LONGEST_COMMENT)]
