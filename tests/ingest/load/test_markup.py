from __future__ import annotations

import pytest

from .conftest import Read

PAGE = """<!DOCTYPE html><html><head><title>Manual - Site</title><style>p{}</style>
<script>var x = 1</script></head>
<body><header>Site name</header><nav><ul><li><a href="/">Home</a></li></ul></nav>
<main><h1>Manual</h1><p>Press the <b>red</b>dish button<br>twice.</p>
<h2>Power</h2><div>Loose text.<p>Inside.</p>Tail.</div>
<ul><li>One<ul><li>Deep</li></ul></li><li>Two</li></ul>
<table><caption>Prices</caption><tr><th rowspan=2>Model</th><th colspan=2>Price</th></tr>
<tr><th>net</th><th>gross</th></tr><tr><td>X1</td><td>1</td><td>2</td></tr>
<tr><td colspan=3>Discontinued</td></tr></table>
<pre>a = 1
  b</pre><p style="display: none">hidden</p><p hidden>hidden too</p></main>
<footer>Copyright</footer></body></html>"""


def test_html_keeps_main_content_and_structure(read: Read) -> None:
    document = read("a.html", PAGE)
    assert document.title == "Manual"
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("Manual", "heading", ()),
        ("Press the reddish button twice.", "paragraph", ()),
        ("Power", "heading", ()),
        ("Loose text.", "paragraph", ("Power",)),
        ("Inside.", "paragraph", ("Power",)),
        ("Tail.", "paragraph", ("Power",)),
        ("One", "list", ("Power",)),
        ("Deep", "list", ("Power",)),
        ("Two", "list", ("Power",)),
        ("Prices", "paragraph", ("Power",)),
        ("Model: X1; Price net: 1; Price gross: 2", "row", ("Power",)),
        ("Discontinued", "row", ("Power",)),
        ("a = 1\n  b", "code", ("Power",)),
    ]


def test_pages_without_main_lose_their_menus_alone(read: Read) -> None:
    document = read(
        "a.html",
        "<title>Notes</title><ul><li><a>Home</a></li><li><a>About</a></li><li><a>Help</a></li></ul>"
        "<div class='sidebar'>Ads</div><div>Text.</div><ul><li>Point</li></ul><div id=footer>(c)</div>",
    )
    assert (document.title, document.text) == ("Notes", "Text.\nPoint")


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "big5", "utf-8", "shift_jis"])
def test_the_declared_charset_is_used(charset: str, read: Read) -> None:
    page = f"<meta charset='{charset}'><p>工作时间表</p>"
    encoding = "gb2312" if charset == "gb2312" else charset
    text = page if charset in ("gb2312", "gbk", "utf-8") else page.replace("工作时间表", "工作時間表")
    assert read("a.html", text.encode(encoding)).text in ("工作时间表", "工作時間表")


def test_markdown_keeps_its_structure(read: Read) -> None:
    document = read(
        "a.md",
        '---\ntitle: "产品手册"\ntags: [a]\n---\n# 概述\n\n第一行\n第二行 `code` **bold**\nmore text\n\n'
        "## 规格\n\n"
        "| 型号 | 价格 |\n|---|---|\n| X1 | 299 元 |\n\n1. 开机\n2. 关机\n\n```python\n"
        "x = 1\n\ny = 2\n```\n\n"
        "# 附注\n\n"
        "> 引用\n\n<script>alert(1)</script>\n",
    )
    assert document.title == "产品手册"
    assert [(b.text, b.kind, b.heading_path) for b in document.blocks] == [
        ("概述", "heading", ()),
        ("第一行第二行 code bold more text", "paragraph", ("概述",)),
        ("规格", "heading", ("概述",)),
        ("型号：X1；价格：299 元", "row", ("概述", "规格")),
        ("1. 开机", "list", ("概述", "规格")),
        ("2. 关机", "list", ("概述", "规格")),
        ("x = 1\n\ny = 2", "code", ("概述", "规格")),
        ("附注", "heading", ()),
        ("引用", "paragraph", ("附注",)),
    ]


def test_layout_tables_are_read_as_text(read: Read) -> None:
    page = "<table><tr><td><h2>Left</h2><p>Text.</p></td><td><table><tr><td>A</td><td>B</td></tr>"
    document = read("a.html", page + "<tr><td>1</td><td>2</td></tr></table></td></tr></table>")
    assert [(b.text, b.kind) for b in document.blocks] == [
        ("Left", "heading"),
        ("Text.", "paragraph"),
        ("A: 1; B: 2", "row"),
    ]
