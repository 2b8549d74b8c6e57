"""Files such as people have, in every format, made of words of our own; tests take the small ones from here too."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

from bench.outlook import msg_bytes

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(
    f'xmlns:{name}="{_ODF}:{path}:1.0"'
    for name, path in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "presentation": "presentation",
    }.items()
)
_XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def eml_bytes(attachments: Mapping[str, bytes], *, html: str | None = None) -> bytes:
    """A reply in Chinese with its quotation."""
    message = EmailMessage()
    message["From"] = "李明 <li.ming@example.com>"
    message["To"] = "王芳 <wang.fang@example.com>"
    message["Date"] = "Mon, 02 Mar 2026 09:30:00 +0800"
    message["Subject"] = "回复：三月培训的时间"
    message.set_content(
        "王芳：\n\n培训改到三月十八日下午两点，地点在三楼会议室。\n\n> 培训还是定在三月十五日吗？\n> 需要带电脑吗？\n"
    )
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def mbox_bytes(*messages: bytes) -> bytes:
    return b"".join(b"From li.ming@example.com Mon Mar  2 09:30:00 2026\n" + one + b"\n" for one in messages)


def outlook_bytes() -> bytes:
    return msg_bytes(
        "会议室调整",
        "各位同事：\n\n周三的例会改到五楼大会议室，时间不变。\n",
        sender=("李明", "li.ming@example.com"),
        to=("王芳", "wang.fang@example.com"),
        attachments={"议程.md": "# 议程\n\n1. 上周进展\n2. 下周计划\n".encode()},
    )


def epub_bytes() -> bytes:
    """A short book: a part with two chapters, one of them named by the contents alone, and an afterword."""
    page = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
    names = ("one", "two", "more", "after")
    items = "".join(f'<item id="{n}" href="text/{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>茶园手记</dc:title></metadata><manifest>'
        f'<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>{items}</manifest>'
        f"<spine>{''.join(f'<itemref idref={chr(34)}{n}{chr(34)}/>' for n in ('nav', *names))}</spine></package>"
    )
    nav = (
        '<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol><li><span>上篇</span><ol>'
        '<li><a href="text/one.xhtml">采摘</a></li><li><a href="text/two.xhtml">炒制</a></li></ol></li>'
        '<li><a href="text/after.xhtml#a">后记</a></li></ol></nav>'
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": package,
            "OEBPS/nav.xhtml": page.format(nav),
            "OEBPS/text/one.xhtml": page.format(
                "<h1>采摘</h1><p>清明前采的嫩芽最受欢迎。</p><h2>工具</h2><p>竹篓要<a id='x'/>透气。</p>"
            ),
            "OEBPS/text/two.xhtml": page.format("<p>锅温保持在二百度左右。</p>"),
            "OEBPS/text/more.xhtml": page.format("<p>炒好的茶要摊凉。</p><ol><li>装罐</li><li>封口</li></ol>"),
            "OEBPS/text/after.xhtml": page.format("<h1>后记</h1><p>谢谢读者。</p>"),
        }
    )


def _open_document(kind: str, body: str, styles: str = "") -> bytes:
    content = (
        f'<?xml version="1.0"?><office:document-content {_SPACES} {_XLINK}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def odt_bytes() -> bytes:
    return _open_document(
        "text",
        '<text:h text:outline-level="1">借阅规则</text:h><text:p>每人最多借<text:s/>五本书'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>教师可借十本。</text:p></text:note-body></text:note>。</text:p>"
        '<text:p>详见<text:a xlink:href="https://library.example/rules">图书馆网页</text:a>。</text:p>'
        '<text:h text:outline-level="2">期限</text:h><text:list><text:list-item><text:p>小说三十天</text:p>'
        "</text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>类别</text:p>"
        "</table:table-cell><table:table-cell><text:p>册数</text:p></table:table-cell></table:table-row>"
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>期刊</text:p></table:table-cell>'
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row><table:table-row>"
        "<table:covered-table-cell/><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row>"
        '</table:table><text:p text:style-name="H">内部备注</text:p>',
        '<style:style style:name="H" style:family="paragraph"><style:text-properties text:display="none"/>'
        "</style:style>",
    )


def ods_bytes() -> bytes:
    def row(*cells: str, more: str = "") -> str:
        inside = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        return f"<table:table-row{more}>{inside}</table:table-row>"

    return _open_document(
        "spreadsheet",
        '<table:table table:name="库存"><table:table-column/><table:table-column table:visibility="collapse"/>'
        f"<table:table-column/>{row('品名', '成本', '单价')}{row('绿茶', '60', '￥128.00')}"
        + row("红茶", "70", "￥98.00", more=' table:visibility="collapse"')
        + '<table:table-row table:number-rows-repeated="1048573"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>',
    )


def odp_bytes() -> bytes:
    def slide(title: str, text: str, more: str = "") -> str:
        return (
            f'<draw:page{more}><draw:frame presentation:class="title"><draw:text-box><text:p>{title}</text:p>'
            f"</draw:text-box></draw:frame><draw:frame><draw:text-box><text:list><text:list-item><text:p>{text}</text:p>"
            "</text:list-item></text:list></draw:text-box></draw:frame><presentation:notes><draw:frame><draw:text-box>"
            "<text:p>讲稿</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>"
        )

    return _open_document(
        "presentation",
        slide("年度计划", "开两家新店") + slide("备用", "不公开的数字", ' draw:style-name="H"'),
        '<style:style style:name="H" style:family="drawing-page"><style:drawing-page-properties '
        'presentation:visibility="hidden"/></style:style>',
    )


def rtf_bytes() -> bytes:
    def coded(text: str) -> str:
        return "".join(
            char if char.isascii() else f"\\u{ord(char) - (65536 if ord(char) > 32767 else 0)}?" for char in text
        )

    body = (
        f"{coded('第一章 值班')}\\par {coded('夜班从二十二点开始。')}{{\\v {coded('不要外传')}}}\\par "
        '{\\field{\\*\\fldinst HYPERLINK "https://duty.example/plan"}{\\fldrslt Plan}}\\par '
        f"\\trowd {coded('姓名')}\\cell {coded('电话')}\\cell\\row \\trowd {coded('赵云')}\\cell 8001\\cell\\row \\pard"
    )
    return ("{\\rtf1\\ansi\\ansicpg936{\\info{\\title " + coded("值班表") + "}}" + body + "}").encode("ascii")


def xml_bytes() -> bytes:
    return (
        "<?xml version='1.0'?><catalogue><title>植物目录</title><plant id='a1'><name>龙井</name><height>1.5 m</height>"
        "</plant><chapter><title>养护</title><para>每周浇水<b>两次</b>。</para></chapter></catalogue>"
    ).encode()


def rst_bytes() -> bytes:
    return (
        b"======\nManual\n======\n\nStart with `the guide <https://guide.example/start>`_ and ``run``.\n\n"
        b"Install\n-------\n\n"
        b".. note:: Keep the *old* key.\n\n.. image:: http://127.0.0.1:9/a.png\n\n- first\n- second\n\n"
        b"Remove\n------\n\nDelete it.\n"
    )


def org_bytes() -> bytes:
    return (
        "#+TITLE: 工作日志\n* 周一\n完成[[https://plan.example/a][计划]]。\n** TODO 评审 :work:\n- 甲\n- 乙\n"
        "* 周二\n休息。\n"
    ).encode()


def json_bytes() -> bytes:
    value = {
        "store": "东门店",
        "hours": ["九点", "二十一点"],
        "staff": [{"name": "赵云", "role": "店长"}, {"name": "孙乾", "role": "收银", "shift": {"start": "9:00"}}],
        "articles": [{"title": "退货", "text": "七天内可退。\n保留小票。"}],
    }
    return json.dumps(value, ensure_ascii=False).encode()
