from __future__ import annotations

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor

from .conftest import Keep, Read
from .samples import saved

NAMES = nsdecls("w")


def test_automatic_numbers_stand_in_front_of_headings_and_items(read: Read) -> None:
    word = docx.Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'{"<w:isLgl/>" * (depth == 1)}<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate((("chineseCounting", "第%1章"), ("decimal", "%1.%2"), ("bullet", "•")))
    )
    numbering = word.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {NAMES} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {NAMES} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text, style, depth in (
        ("总则", "Heading 1", 0),
        ("范围", "Heading 2", 1),
        ("甲方", "List Bullet", 2),
        ("期限", "Heading 2", 1),
        ("假期", "Heading 1", 0),
        ("年假", "Heading 2", 1),
    ):
        paragraph = word.add_paragraph(text, style=style)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {NAMES}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>')
        )
    blocks = read("a.docx", saved(word)).blocks
    assert [block.text for block in blocks] == [
        "第一章 总则",
        "1.1 范围",
        "甲方",
        "1.2 期限",
        "第二章 假期",
        "2.1 年假",
    ]
    assert blocks[-1].heading_path == ("第二章 假期",)


def test_links_keep_their_addresses(read: Read) -> None:
    word = docx.Document()
    key = word.part.relate_to("https://intra.example/travel", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = f'<w:hyperlink r:id="{key}"><w:r><w:t>差旅规定</w:t></w:r></w:hyperlink>'
    field = "".join(
        f"<w:r>{inner}</w:r>"
        for inner in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText> HYPERLINK "mailto:hr@example.com" </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>人事部</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    body = word.element.body
    body.insert(
        0, parse_xml(f"<w:p {nsdecls('w', 'r')}><w:r><w:t>见</w:t></w:r>{link}<w:r><w:t>，问</w:t></w:r>{field}</w:p>")
    )
    assert read("a.docx", saved(word)).text == "见差旅规定 (https://intra.example/travel)，问人事部 (hr@example.com)"


def test_notes_and_text_boxes_stand_behind_their_paragraph(read: Read) -> None:
    word = docx.Document()
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>按工作日算。</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {NAMES}>{note}</w:footnotes>"
    content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), content_type, notes.encode(), word.part.package)
    word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    box = "<w:txbxContent><w:p><w:r><w:t>提示：先申请。</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    word.add_heading("年假", 1)
    word.element.body.insert(
        1,
        parse_xml(
            f'<w:p {NAMES} {mc}><w:r><w:t>十天</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r>'
            f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
            "</w:r><w:r><w:t>。</w:t></w:r></w:p>"
        ),
    )
    blocks = read("a.docx", saved(word)).blocks
    assert [block.text for block in blocks] == ["年假", "十天。", "提示：先申请。", "按工作日算。"]
    assert {block.heading_path for block in blocks[1:]} == {("年假",)}


def test_a_table_around_tables_is_read_cell_by_cell(read: Read) -> None:
    word = docx.Document()
    outer = word.add_table(1, 2)
    outer.cell(0, 0).text = "左边的话"
    inner = outer.cell(0, 1).add_table(2, 2)
    for row, cells in enumerate((("型号", "价格"), ("X1", "299"))):
        for column, text in enumerate(cells):
            inner.cell(row, column).text = text
    blocks = read("a.docx", saved(word)).blocks
    assert [(block.text, block.kind) for block in blocks] == [("左边的话", "paragraph"), ("型号：X1；价格：299", "row")]


def test_hidden_white_and_tiny_text_is_left_out_and_reported(read: Read, keep: Keep) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("看得见。")
    paragraph.add_run("暗语").font.hidden = True
    paragraph.add_run("白字").font.color.rgb = RGBColor(255, 255, 255)
    paragraph.add_run("小字").font.size = Pt(1)
    table = word.add_table(2, 1)
    table.cell(0, 0).paragraphs[0].add_run("表头").font.color.rgb = RGBColor(255, 255, 255)
    table.cell(1, 0).text = "一"
    document = read("a.docx", saved(word))
    assert "看得见。" in document.text and "表头" in document.text and "字" not in document.text
    assert document.warnings == ("hidden text left out (1): 暗语白字小字",)
    kept = keep("a.docx", saved(word))
    assert "看得见。暗语白字小字" in kept.text and kept.warnings == ("hidden text taken in (1): 暗语白字小字",)
