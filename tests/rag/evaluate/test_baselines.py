from __future__ import annotations

import pytest

from ingest.errors import KeyRAGError
from rag.evaluate.baselines import BASELINES, baseline
from tests.small import HashedEmbeddings, document

DOCUMENTS = [
    document("休假", "员工每年有十天年假。", "病假需要医院的证明。", doc_id="leave"),
    document("出差", "出差住宿每晚五百元。机票须提前七天预订。", doc_id="travel"),
    document("食堂", "食堂每天中午十一点半开门。晚餐从五点半开始。", doc_id="canteen"),
]


@pytest.mark.parametrize("name", BASELINES)
def test_every_system_finds_the_passage_and_its_document(name: str) -> None:
    for system in baseline(name, DOCUMENTS, HashedEmbeddings()):
        found = system.find("出差住宿每晚多少元？")
        assert found.documents[0] == "travel", system.details
        whole = {doc.doc_id: doc.text for doc in DOCUMENTS}
        pieces = found.context(1000)
        assert "五百元" in pieces[0][1]
        assert all(set(text.split()) and "".join(text.split()) in "".join(whole[of].split()) for of, text in pieces)
        assert sum(len(text) for _, text in found.context(12)) <= 12


def test_an_unknown_system_is_told_with_those_that_there_are() -> None:
    with pytest.raises(KeyRAGError, match=r"'nothing'.*langchain.*txtai"):
        baseline("nothing", DOCUMENTS, HashedEmbeddings())
