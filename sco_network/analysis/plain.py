"""Answers as plain data, as JSON may have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as plain records; what is missing or infinite is None."""
    rows = frame.to_dict("records")
    return [{str(k): plain(v) for k, v in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """Return a value as JSON may have it: numbers rounded, what is missing or infinite as None."""
    if isinstance(value, float | np.floating):
        return round(float(value), 9) if np.isfinite(value) else None
    return value


def finite(value: float) -> float | None:
    """Return a number as it is; None where it is missing or infinite."""
    return float(value) if np.isfinite(value) else None
