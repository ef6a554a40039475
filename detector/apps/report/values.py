"""The kinds of value in report.json: text, seconds and figures, as they are written down.

Text is UTF-8 (a file name need not be), measured floats keep three decimals, nothing is NaN.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_SURROGATE = re.compile("[\ud800-\udfff]")


def utf8(value: object) -> object:
    """Bytes of a file name that are no UTF-8 become a visible escape (``\\xff``)."""
    return _SURROGATE.sub(_escaped, value) if isinstance(value, str) else value


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def rounded(value: float) -> float:
    """Three decimals."""
    return round(value, 3) + 0.0  # + 0.0: no negative zero


def figure(value: float | str) -> float | str:
    """Three decimals, or three significant digits below 0.1, so that small figures survive."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.3g}") + 0.0 if 0 < abs(value) < 0.1 else rounded(value)


def reading(value: float) -> float:
    """Six significant digits, as sensors measure in thousandths as well as in thousands."""
    return float(f"{value:.6g}") + 0.0


def plain(value: object) -> Any:
    """Free-form evidence as JSON: floats rounded, text made UTF-8, anything else refused."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return figure(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return utf8(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(utf8(str(key))): plain(item) for key, item in value.items()}
    raise ValueError(f"evidence must be plain JSON, not {type(value).__name__}")


def finite(value: object) -> object:
    """None in place of NaN and infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


#: Any text, made UTF-8.
Text = Annotated[str, BeforeValidator(utf8)]
#: A measured number.
Rounded = Annotated[float, Field(allow_inf_nan=False), AfterValidator(rounded)]
#: A reading of a sensor, a score.
Reading = Annotated[float, Field(allow_inf_nan=False), AfterValidator(reading)]
#: A part of a whole.
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), AfterValidator(figure)]
#: A duration in s.
Span = Annotated[float, Field(ge=0, allow_inf_nan=False), AfterValidator(rounded)]
#: A cell of a table of figures.
Figure = Annotated[bool | int | float | Text, AfterValidator(figure)]
#: A value of a table of settings, kept exactly as it is in force.
Setting = bool | int | float | Text | list[float] | list[Text] | None
#: Free-form evidence.
Free = Annotated[Any, AfterValidator(plain)]
