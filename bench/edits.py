"""How far a text that was read is from the true one."""

from __future__ import annotations

import numpy as np


def edits(found: str, known: str) -> int:
    """Give the least number of characters to insert, delete or replace (Levenshtein 1966).

    >>> edits("the pomp", "the pump.")
    2
    """
    row = np.arange(len(known) + 1)
    letters = np.array([*known])
    places = np.arange(len(known) + 1)
    for number, char in enumerate(found, 1):
        changed = np.concatenate([[number], np.minimum(row[:-1] + (letters != char), row[1:] + 1)])
        # Insertions come from the left: the least so far, plus one for each place since.
        row = np.minimum.accumulate(changed - places) + places
    return int(row[-1])
