from __future__ import annotations

import pytest

from bench.pages import PAGES, Page

from .conftest import Keep, Read

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


def test_links_keep_their_addresses_and_ordered_items_their_numbers(read: Read) -> None:
    page = (
        '<h1><a href="https://a.example/h">Head</a></h1><p>See <a href="https://a.example/r">the <b>rules</b></a>, <a '
        'href="/here">here</a>, <a href="mailto:li@a.example?subject=x">Li</a>, <a href="https://a.example">a.example</a>.'
        "<ol start=3><li>Three<ol><li>Inner<li><p>Second</p><p>More</p></ol><li>Four<ul><li>Dot</ul></ol><table><tr>"
        '<th>A<th>B<tr><td><a href="http://x.example/z">Doc</a><td>1</table>'
    )
    assert [block.text for block in read("a.html", page).blocks] == [
        "Head",
        "See the rules (https://a.example/r), here, Li (li@a.example), a.example.",
        "3. Three",
        "1. Inner",
        "2. Second",
        "More",
        "4. Four",
        "Dot",
        "A: Doc (http://x.example/z); B: 1",
    ]


def test_rows_of_many_links_keep_the_words_alone(read: Read) -> None:
    cells = "".join(f'<td><a href="https://a.example/{name}">{name}</a>' for name in ("bash", "V:835", "6468"))
    (row,) = read("a.html", f"<table><tr><th>Package<th>Popcon<th>Size<tr>{cells}</table>").blocks
    assert row.text == "Package: bash; Popcon: V:835; Size: 6468"


def test_terms_stand_in_front_of_their_definitions(read: Read) -> None:
    page = (
        "<dl><dt>RPO</dt><dt>恢复点目标</dt><dd><p>一天。</p><p>More.</p></dd><dt>Ports:</dt><dd>80</dd>"
        "<dt>Bare</dt><dt>Table</dt><dd><table><tr><th>A<th>B<tr><td>1<td>2</table></dd></dl><p>After.</p>"
    )
    assert [(block.text, block.kind) for block in read("a.html", page).blocks] == [
        ("RPO, 恢复点目标：一天。", "list"),
        ("More.", "list"),
        ("Ports: 80", "list"),
        ("Bare, Table", "list"),
        ("A: 1; B: 2", "row"),
        ("After.", "paragraph"),
    ]


def test_marks_that_link_to_their_own_heading_are_left_out(read: Read) -> None:
    page = '<h1>Top</h1><h2 id="a">Leave<a class="headerlink" href="#a">¶</a></h2><p>Ten<a href="#n">2</a> days.</p>'
    blocks = read("a.html", page).blocks
    assert [block.text for block in blocks] == ["Top", "Leave", "Ten2 days."]
    assert blocks[-1].heading_path[-1] == "Leave"


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display:none'>secret</p>",
        "<p style='color:red; visibility: hidden'>secret</p>",
        "<p hidden>secret</p>",
        "<span style='font-size:0'>secret</span>",
        "<div style='position:absolute; left:-9999px'>secret</div>",
        "<font color='#FFFFFF'>secret</font>",
        "<div style='background: white'><p style='color:#fff'>secret</p></div>",
        "<table><tr><td>A</td><td>B<i style='opacity:0'>secret</i></td></tr></table>",
        "<h2>Head<span style='display:none'>secret</span></h2>",
    ],
)
def test_what_a_page_hides_is_left_out_and_reported(hidden: str, read: Read, keep: Keep) -> None:
    document = read("a.html", f"<p>Seen.</p>{hidden}<p>Seen too.</p>")
    assert "secret" not in document.text and document.text.startswith("Seen.")
    assert document.warnings == ("hidden text left out (1): secret",)
    kept = keep("a.html", f"<p>Seen.</p>{hidden}")
    assert "secret" in kept.text and kept.warnings == ("hidden text taken in (1): secret",)


@pytest.mark.parametrize(
    "shown",
    [
        "<div style='background:#003366'><p style='color:white'>shown</p></div>",
        "<div class=dark><p style='color:white'>shown</p></div>",
        "<p style='font-size:0.9em'>shown</p>",
        "<p style='text-indent:-20px'>shown</p>",
    ],
)
def test_what_a_page_shows_is_kept(shown: str, read: Read) -> None:
    document = read("a.html", f"<p>Seen.</p>{shown}")
    assert "shown" in document.text and not document.warnings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_lose_what_surrounds_them_and_nothing_else(page: Page, read: Read) -> None:
    text = "".join(char for char in read(page.name, page.content).text if char.isalnum())

    def holds(sentence: str) -> bool:
        return "".join(char for char in sentence if char.isalnum()) in text

    assert [one for one in page.keep if not holds(one)] == []
    assert [one for one in page.drop if holds(one)] == []


def test_a_name_like_that_of_a_menu_does_not_cost_the_page(read: Read) -> None:
    assert (
        read("a.html", "<div class='layout-with-sidebar sidebar'><p>All of the text.</p></div>").text
        == "All of the text."
    )


@pytest.mark.parametrize("name", ["relatedtopics", "relatedlinks", "related-links", "relatedBody"])
def test_links_to_related_pages_are_left_out(name: str, read: Read) -> None:
    document = read(
        "a.html",
        "<h1>滤芯</h1><p>滤芯每六个月更换一次，更换前请关闭进水阀。更换后放水一分钟。</p>"
        f"<div class='{name}'><p><a href='c9.html'>压力表的检定</a></p></div>",
    )
    assert document.text == "滤芯\n滤芯每六个月更换一次，更换前请关闭进水阀。更换后放水一分钟。"
