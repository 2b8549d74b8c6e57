"""What a check-up finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``mend`` says what to do where it is not ok.

    A ``note`` is worth knowing and stops nothing; what is ``broken`` stops questions from being answered.
    """

    section: str
    what: str
    state: State
    detail: str
    mend: str = ""
