"""The text of a Word paragraph as its readers see it: insertions in, deletions out, links with their addresses."""

from __future__ import annotations

import re

from docx.document import Document as WordDocument
from docx.opc.part import Part
from docx.oxml.ns import qn
from lxml import etree

from ingest.load.hidden import HiddenText
from ingest.load.links import behind

_PARAGRAPH, _RUN, _LINK, _FIELD = qn("w:p"), qn("w:r"), qn("w:hyperlink"), qn("w:fldSimple")
_TEXT, _CODE, _MARK = qn("w:t"), qn("w:instrText"), qn("w:fldChar")
_LEFT_OUT = frozenset(map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:txbxContent")))
_SPACES = frozenset(map(qn, ("w:tab", "w:br", "w:cr")))
_TARGET = re.compile(r'HYPERLINK\s+"([^"]+)"')
_SMALLEST_HALF_POINTS = 2


class ParagraphText:
    """Writes paragraphs as lines.

    :param part: the part of the file that the paragraphs stand in: it knows where links lead.
    """

    def __init__(self, document: WordDocument, part: Part, hidden: HiddenText) -> None:
        self._part = part
        self._hidden = hidden
        self._on_white = document.element.find(qn("w:background")) is None
        self._vanishing = {
            style.get(qn("w:styleId"))
            for style in document.styles.element.findall(qn("w:style"))
            if _is_on(style.find(f"{qn('w:rPr')}/{qn('w:vanish')}"))
        }

    def __call__(self, element: etree._Element) -> str:
        """Give the visible text of a paragraph or cell as one line."""
        pieces: list[str] = []
        unseen: list[str] = []
        fields: list[_Field] = []
        walk = etree.iterwalk(element, events=("start", "end"))
        for event, node in walk:
            if event == "end":
                if node.tag == _PARAGRAPH:
                    pieces.append(" ")
                elif node.tag in (_LINK, _FIELD):
                    pieces.append(behind(_shown(node), self._target(node)))
            elif node.tag in _LEFT_OUT:
                walk.skip_subtree()
            elif node.tag == _RUN and self._is_hidden(node):
                unseen += [text.text or "" for text in node.iter(_TEXT)]
                if not self._hidden.keep:
                    walk.skip_subtree()
            elif node.tag == _TEXT:
                pieces.append(node.text or "")
            elif node.tag == _CODE:
                if fields:
                    fields[-1].code += node.text or ""
            elif node.tag == _MARK:
                _follow(node.get(qn("w:fldCharType")), fields, pieces)
            elif node.tag in _SPACES:
                pieces.append(" ")
            elif node.tag == qn("w:noBreakHyphen"):
                pieces.append("-")
        self._hidden.note("".join(unseen))
        return " ".join("".join(pieces).split())

    def _target(self, node: etree._Element) -> str | None:
        if node.tag == _FIELD:
            found = _TARGET.search(node.get(qn("w:instr")) or "")
            return found.group(1) if found else None
        relation = self._part.rels.get(node.get(qn("r:id")) or "")
        return relation.target_ref if relation is not None and relation.is_external else None

    def _is_hidden(self, run: etree._Element) -> bool:
        """Tell whether a run is marked hidden, or is white on white, or of a size that nobody can read."""
        marks = run.find(qn("w:rPr"))
        if marks is None:
            return False
        if _is_on(marks.find(qn("w:vanish"))) or _value(marks, "w:rStyle") in self._vanishing:
            return True
        size = _value(marks, "w:sz") or ""
        if size.isdigit() and int(size) <= _SMALLEST_HALF_POINTS:
            return True
        white = (_value(marks, "w:color") or "").upper() == "FFFFFF"
        return white and self._on_white and not _is_painted(run, marks)


class _Field:
    """A field that is open: its code, and where the text shown for it begins."""

    def __init__(self) -> None:
        self.code = ""
        self.begin: int | None = None


def _follow(mark: str | None, fields: list[_Field], pieces: list[str]) -> None:
    """Keep track of fields: code between begin and separate, the text shown between separate and end."""
    if mark == "begin":
        fields.append(_Field())
    elif mark == "separate" and fields:
        fields[-1].begin = len(pieces)
    elif mark == "end" and fields:
        field = fields.pop()
        if field.begin is not None and (target := _TARGET.search(field.code)):
            pieces.append(behind("".join(pieces[field.begin :]), target.group(1)))


def _shown(node: etree._Element) -> str:
    return "".join(text.text or "" for text in node.iter(_TEXT))


def _is_on(mark: etree._Element | None) -> bool:
    return mark is not None and mark.get(qn("w:val")) not in ("0", "false")


def _value(parent: etree._Element, name: str) -> str | None:
    child = parent.find(qn(name))
    return child.get(qn("w:val")) if child is not None else None


def _is_painted(run: etree._Element, marks: etree._Element) -> bool:
    """Tell whether white type may stand on colour: shading, highlighting, or the style of a table or text box."""
    if marks.find(qn("w:shd")) is not None or marks.find(qn("w:highlight")) is not None:
        return True
    for above in run.iterancestors():
        if above.tag in (qn("w:tc"), qn("w:txbxContent")):
            return True
        if above.tag == _PARAGRAPH and above.find(f"{qn('w:pPr')}/{qn('w:shd')}") is not None:
            return True
    return False
