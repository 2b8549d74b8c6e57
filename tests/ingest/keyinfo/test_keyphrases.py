from __future__ import annotations

import numpy as np
import pytest

from ingest.keyinfo.keyphrases import Keyphrases, TfIdf, most_relevant
from ingest.keyinfo.patterns import Patterns
from ingest.keyinfo.words import latin_words
from ingest.split import Splitter
from tests.small import SETTINGS, HashedEmbeddings, document

SPLITTER = Splitter(SETTINGS.split, HashedEmbeddings())


def rows(*vectors: tuple[float, float, float]) -> np.ndarray:
    array = np.array(vectors, np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def test_the_nearest_phrase_comes_first_and_the_next_is_unlike_it() -> None:
    phrases = rows((1, 0, 0), (1, 0.05, 0), (0.6, 0.8, 0), (0, 0, 1))
    assert most_relevant(rows((1, 0.1, 0))[0], phrases, 2) == [1, 2]
    assert len(most_relevant(rows((1, 0, 0))[0], phrases, 9)) == len(phrases)


def test_tf_idf_prefers_what_the_rest_of_the_document_lacks() -> None:
    common = "The annual report praises the museum garden. " * 10
    given = document("R", common + "Steam engines fill it.", common + "Glass lamps fill it.", common + "Maps fill it.")
    units = SPLITTER.split(given)
    segments = [unit for unit in units if unit.level == "segment"]
    assert len(segments) == 3
    found = [key for (key,) in TfIdf(Patterns(latin_words), 2)(segments, units)]
    assert "Steam engines" not in found[1]
    assert all("museum garden" in key for key in found)


@pytest.mark.parametrize("count", [1, 3])
def test_keyphrases_are_phrases_of_the_text_in_its_order(count: int) -> None:
    units = SPLITTER.split(document("R", "Steam engines powered the cotton mills of Manchester."))
    (found,) = Keyphrases(Patterns(latin_words), HashedEmbeddings(), count)(units[2:3], units)
    phrases = ["Steam engines", "cotton mills", "Manchester"]
    chosen = [phrase for phrase in phrases if phrase in found[0]]
    assert found == [f"R {' '.join(chosen)}"]
    assert len(chosen) == count


def test_a_text_without_phrases_has_no_key() -> None:
    units = SPLITTER.split(document("R", "It was so."))
    for extract in (Keyphrases(Patterns(latin_words), HashedEmbeddings(), 3), TfIdf(Patterns(latin_words), 3)):
        assert list(extract(units[2:3], units)) == [[]]
