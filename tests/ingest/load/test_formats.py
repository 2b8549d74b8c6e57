"""E-mail, books, OpenDocument, RTF, JSON, XML, outlines and archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bench import files
from bench.outlook import msg_bytes
from ingest.errors import LoadError
from ingest.load import container_of, load, parts
from ingest.types import Document

from .conftest import SETTINGS, Keep, Read
from .samples import docx_bytes, pdf_bytes


def rows(document: Document) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(block.text, block.kind, block.heading_path) for block in document.blocks]


def test_mail_has_headers_text_quotation_and_attachments(read: Read) -> None:
    table = "型号,价格\nX1,299\n".encode()
    mail = files.eml_bytes({"../价格.csv": table, "run.exe": b"MZ", "坏.docx": b"PK", "手册.docx": docx_bytes()})
    document = read("a.eml", mail)
    assert document.title == "回复：三月培训的时间"
    assert rows(document)[:7] == [
        (
            "发件人：李明 <li.ming@example.com>；收件人：王芳 <wang.fang@example.com>；"
            "日期：Mon, 02 Mar 2026 09:30:00 +0800；主题：回复：三月培训的时间",
            "row",
            (),
        ),
        ("王芳：", "paragraph", ()),
        ("培训改到三月十八日下午两点，地点在三楼会议室。", "paragraph", ()),
        ("培训还是定在三月十五日吗？", "paragraph", ()),
        ("需要带电脑吗？", "paragraph", ()),
        ("价格.csv", "heading", ()),
        ("型号：X1；价格：299", "row", ("价格.csv",)),
    ]
    assert ("提前三天申请", "list", ("手册.docx", "假期", "年假")) in rows(document)
    assert document.warnings == (
        "attachment left out, its format can't be read: run.exe",
        "attachment left out: 坏.docx: is cut short or damaged: save or download it again",
    )


def test_mail_prefers_its_html_and_reads_mail_inside_mail(read: Read) -> None:
    html = "<p>见<a href='https://plan.example/x'>计划</a></p><table><tr><th>日</th><th>事</th></tr><tr><td>1</td><td>开会</td></tr></table>"
    inner = files.eml_bytes({})
    text = read("a.eml", files.eml_bytes({"旧邮件.eml": inner}, html=html)).text
    assert "见计划 (https://plan.example/x)\n日：1；事：开会\n旧邮件.eml\n发件人" in text


@pytest.mark.parametrize("charset", ["gb18030", "big5", "utf-8"])
def test_mail_of_any_charset_is_decoded_by_its_bytes(charset: str, read: Read) -> None:
    declared = "big5" if charset == "big5" else "gb2312"  # which many programs say of whatever they write
    head = f"From: a@example.com\nSubject: =?utf-8?B?5rWL6K+V?=\nContent-Type: text/plain; charset={declared}\n\n"
    body = {"big5": "明天下午三點在會議室開會。\n"}.get(charset, "明天下午三点在会议室开会。\n")
    document = read("a.eml", head.encode() + body.encode(charset))
    assert document.title == "测试" and document.blocks[-1].text == body.strip()


def test_outlook_messages_are_read_like_mail(read: Read) -> None:
    document = read("a.msg", files.outlook_bytes())
    assert document.title == "会议室调整"
    assert rows(document)[-3:] == [
        ("议程", "heading", ("议程.md",)),
        ("1. 上周进展", "list", ("议程.md",)),
        ("2. 下周计划", "list", ("议程.md",)),
    ]
    assert document.blocks[0].text.startswith('发件人："李明" <li.ming@example.com>')
    large = msg_bytes(
        "a", "b", sender=("a", "a@b.example"), to=("c", "c@d.example"), attachments={"a.txt": b"x " * 9000}
    )
    assert len(read("b.msg", large).text) > 17_000


def test_a_mailbox_gives_a_document_a_message(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(files.mbox_bytes(files.eml_bytes({}), files.eml_bytes({"a.md": b"# Head"})))
    read = [
        load(part, source=source, settings=SETTINGS)
        for source, part in parts(path, source="box.mbox", settings=SETTINGS)
        if isinstance(part, Path)
    ]
    assert [document.source for document in read] == ["box.mbox!/1.eml", "box.mbox!/2.eml"]
    assert [len(document.blocks) for document in read] == [5, 7]


def test_a_book_is_read_in_the_order_of_its_spine(read: Read) -> None:
    document = read("a.epub", files.epub_bytes())
    assert document.title == "茶园手记"
    assert rows(document) == [
        ("采摘", "heading", ("上篇",)),
        ("清明前采的嫩芽最受欢迎。", "paragraph", ("上篇", "采摘")),
        ("工具", "heading", ("上篇", "采摘")),
        ("竹篓要透气。", "paragraph", ("上篇", "采摘", "工具")),
        ("炒制", "heading", ("上篇",)),
        ("锅温保持在二百度左右。", "paragraph", ("上篇", "炒制")),
        ("炒好的茶要摊凉。", "paragraph", ("上篇", "炒制")),
        ("1. 装罐", "list", ("上篇", "炒制")),
        ("2. 封口", "list", ("上篇", "炒制")),
        ("后记", "heading", ()),
        ("谢谢读者。", "paragraph", ("后记",)),
    ]


def test_a_protected_book_is_named_as_such(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "locked.epub"
    path.write_bytes(files.epub_bytes())
    with zipfile.ZipFile(path, "a") as book:
        method = '<EncryptionMethod xmlns="http://www.w3.org/2001/04/xmlenc#" Algorithm="urn:aes"/>'
        book.writestr("META-INF/encryption.xml", f"<encryption>{method}</encryption>")
    with pytest.raises(LoadError, match=r"^locked\.epub: is protected against copying"):
        read("locked.epub", path.read_bytes())


def test_open_documents_keep_structure_and_report_what_is_hidden(read: Read, keep: Keep) -> None:
    text = read("a.odt", files.odt_bytes())
    assert rows(text) == [
        ("借阅规则", "heading", ()),
        ("每人最多借 五本书。", "paragraph", ("借阅规则",)),
        ("教师可借十本。", "paragraph", ("借阅规则",)),
        ("详见图书馆网页 (https://library.example/rules)。", "paragraph", ("借阅规则",)),
        ("期限", "heading", ("借阅规则",)),
        ("小说三十天", "list", ("借阅规则", "期限")),
        ("类别：期刊；册数：2", "row", ("借阅规则", "期限")),
        ("类别：期刊；册数：3", "row", ("借阅规则", "期限")),
    ]
    assert text.warnings == ("hidden text left out (1): 内部备注",)
    assert "内部备注" in keep("a.odt", files.odt_bytes()).text
    sheet = read("a.ods", files.ods_bytes())
    assert rows(sheet)[1:] == [("品名：绿茶；单价：￥128.00", "row", ("库存",))] and sheet.warnings
    slides = read("a.odp", files.odp_bytes())
    assert rows(slides)[1:] == [("开两家新店", "list", ("年度计划",)), ("讲稿", "paragraph", ("年度计划",))]
    assert slides.pages == 2 and slides.warnings[0].startswith("hidden text left out (1): 备用 不公开的数字")


def test_rtf_keeps_links_and_tables(read: Read) -> None:
    document = read("a.rtf", files.rtf_bytes())
    assert (document.title, document.warnings) == ("值班表", ("hidden text left out (1): 不要外传",))
    assert rows(document)[1:] == [
        ("夜班从二十二点开始。", "paragraph", ("第一章 值班",)),
        ("Plan (https://duty.example/plan)", "paragraph", ("第一章 值班",)),
        ("姓名：赵云；电话：8001", "row", ("第一章 值班",)),
    ]


def test_json_values_become_rows_under_their_names(read: Read) -> None:
    assert rows(read("a.json", files.json_bytes())) == [
        ("store：东门店；hours：九点、二十一点", "row", ()),
        ("staff", "heading", ()),
        ("name：赵云；role：店长", "row", ("staff",)),
        ("name：孙乾；role：收银；shift.start：9:00", "row", ("staff",)),
        ("articles", "heading", ()),
        ("退货", "heading", ("articles",)),
        ("七天内可退。", "paragraph", ("articles", "退货")),
        ("保留小票。", "paragraph", ("articles", "退货")),
    ]
    with pytest.raises(LoadError, match=r"^b\.json: is not JSON \(Extra data, line 2\): mend it, or name it \.jsonl"):
        read("b.json", '{"a": 1}\n{"a": 2}\n')


def test_xml_and_outlines_take_headings_from_titles(read: Read) -> None:
    assert rows(read("a.xml", files.xml_bytes()))[-2:] == [
        ("养护", "heading", ()),
        ("每周浇水两次。", "paragraph", ("养护",)),
    ]
    assert rows(read("a.rst", files.rst_bytes()))[1:4] == [
        ("Start with the guide (https://guide.example/start) and run.", "paragraph", ()),
        ("Install", "heading", ()),
        ("Keep the old key.", "paragraph", ("Install",)),
    ]
    assert rows(read("a.org", files.org_bytes()))[1:4] == [
        ("完成计划 (https://plan.example/a)。", "paragraph", ("周一",)),
        ("评审", "heading", ("周一",)),
        ("- 甲", "list", ("周一", "评审")),
    ]


def _reasons(path: Path) -> list[str]:
    found = []
    for source, part in parts(path, source=str(path), settings=SETTINGS):
        try:
            if isinstance(part, LoadError):
                raise part
            found.append(load(part, source=source, settings=SETTINGS).text)
        except LoadError as error:
            found.append(str(error))
    return found


def test_a_bad_file_in_an_archive_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mix.zip"
    inner = files.zipped({"a.txt": "x"})
    made = {
        "../../up.txt": "甲",
        "/abs/b.md": "乙",
        "bad.pdf": b"%PDF-1.7",
        "in.zip": inner,
        "old.doc": b"x",
        "__MACOSX/c.txt": "x",
    }
    path.write_bytes(files.zipped({**made, "d.exe": "x", "empty.txt": ""}))
    assert _reasons(path) == [
        "甲",
        "乙",
        "mix.zip!/bad.pdf: is a damaged PDF: save or download it again",
        "mix.zip!/in.zip: is an archive inside another file: unpack it first",
        "mix.zip!/old.doc: is of an old binary format that can't be read: open it in Microsoft Office or LibreOffice "
        "and save it as .docx",
        "mix.zip!/empty.txt: is empty: save or download it again",
    ]
    assert [container_of(source) for source, _ in parts(path, source="m.zip", settings=SETTINGS)][:1] == ["m.zip"]


def test_one_file_of_an_archive_is_unpacked_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(files.zipped({"a.txt": "甲", "sub/b.txt": "乙", "c.txt": "丙"}))
    found = parts(path, source="a.zip", settings=SETTINGS, only="a.zip!/sub/b.txt")
    assert [(source, part.read_text("utf-8")) for source, part in found if isinstance(part, Path)] == [
        ("a.zip!/sub/b.txt", "乙")
    ]
    assert list(parts(path, source="a.zip", settings=SETTINGS, only="a.zip!/gone.txt")) == []


def test_names_in_old_archives_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "old.zip"
    name = "报价单/二月份报价.txt".encode("gb18030")
    sound = files.zipped({"x" * len(name): "三百元"})  # an ASCII name, so that the flag for Unicode ones is unset
    path.write_bytes(sound.replace(b"x" * len(name), name))
    sources = [source for source, _ in parts(path, source="old.zip", settings=SETTINGS)]
    assert sources == ["old.zip!/报价单/二月份报价.txt"]


def test_bombs_and_locked_files_in_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(files.zipped({"a.txt": b"0" * 120_000_000}))
    with pytest.raises(LoadError, match=r"^bomb\.zip: unpacks to 120 MB, too much"):
        _reasons(path)
    path.write_bytes(files.zipped({"a.exe": "x"}))
    with pytest.raises(LoadError, match=r"^bomb\.zip: holds no file that can be read"):
        _reasons(path)
    locked = bytearray(files.zipped({"a.pdf": pdf_bytes([[(80, 700, 11, "x")]])}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + place] |= 1
    path.write_bytes(bytes(locked))
    assert _reasons(path) == ["bomb.zip!/a.pdf: is locked with a password: unpack the archive first"]
