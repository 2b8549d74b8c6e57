from __future__ import annotations

import pytest

from rag.quoted import Quotes


@pytest.mark.parametrize(
    ("question", "text", "quoted"),
    [
        ("年假要提前一周申请。", "年假要提前一周申请。", True),
        ("年假要提前一周申请", "员工的年假要提前一周申请，病假不用。", True),
        ("年假要提前一周申请。未休的年假可以顺延到次年三月。", "未休的年假可以顺延到次年三月。", True),
        ("谁说“未休的年假可以顺延”？", "他说，未休的年假可以顺延。", True),
        ("THE NORMANS came from Denmark", "The Normans came from Denmark, Iceland and Norway.", True),
        ("威廉瓊斯發現印歐語系", "威廉·琼斯发现印欧语系。", True),
        ("年假", "年假要提前一周申请。", False),
        ("年假要提前多久申请？", "年假要提前一周申请。", False),
        ("谁说“年假”最好？", "年假最好。", False),
        ("", "年假", False),
    ],
)
def test_what_is_quoted(question: str, text: str, quoted: bool) -> None:
    assert Quotes(question).stand_in(text) is quoted
