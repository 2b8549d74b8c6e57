"""Web pages as sites build them, of words of our own, with what a reader comes for and what surrounds it."""

# ruff: noqa: E501 (pages are written as sites write them)

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A file, the sentences that must come out of it and those that must not."""

    name: str
    content: bytes
    keep: tuple[str, ...]
    drop: tuple[str, ...] = ()


def _page(name: str, html: str, keep: tuple[str, ...], drop: tuple[str, ...]) -> Page:
    return Page(name, f"<!DOCTYPE html><html>{html}</html>".encode(), keep, drop)


_SHOP = _page(
    "shop.html",
    """<head><title>退换货说明 - 东门商城</title></head><body>
<div id="cookie-consent" class="cookie-banner"><p>本站使用小型文本文件改善体验。</p><button>同意</button></div>
<div class="top-nav"><a href="/">首页</a><a href="/new">新品上架</a><a href="/sale">限时特卖</a></div>
<div class="wrapper"><div class="content"><h1>退换货说明</h1><p>收到商品七天内可以申请退货，商品须保持完好。</p>
<h2>退款时间</h2><ol><li>仓库收到退货后一个工作日内验收。</li><li>验收通过后三个工作日内退款。</li></ol>
<table><tr><th>商品</th><th>运费承担</th></tr><tr><td>质量问题</td><td>商城承担往返运费</td></tr></table>
<p>详情请看<a href="https://shop.example/rules">完整规则</a>。</p></div>
<div class="related-articles"><h3>相关阅读</h3><ul><li><a href="/a">怎样挑选茶壶</a></li><li><a href="/b">冬季保养指南</a></li>
<li><a href="/c">会员积分规则</a></li></ul></div></div>
<div class="footer"><p>版权所有 东门商城</p></div></body>""",
    (
        "收到商品七天内可以申请退货，商品须保持完好。",
        "退款时间",
        "仓库收到退货后一个工作日内验收。",
        "验收通过后三个工作日内退款。",
        "质量问题",
        "商城承担往返运费",
        "https://shop.example/rules",
    ),
    ("本站使用小型文本文件改善体验", "新品上架", "限时特卖", "怎样挑选茶壶", "冬季保养指南", "版权所有 东门商城"),
)
_WIKI = _page(
    "wiki.html",
    """<head><title>Backup policy</title></head><body><header><nav><ul><li><a href="/x">All spaces</a></li><li><a href="/y">
People directory</a></li></ul></nav></header><main><h1>Backup policy</h1><p>Every server is saved each night at two.</p>
<h2>Retention</h2><ul><li>Daily copies stay for two weeks.<ul><li>Those of databases stay for a month.</li></ul></li>
<li>Monthly copies stay for a year.</li></ul><pre>backup --full --to tape01</pre><table><tr><td rowspan=2>Tape</td><td>north
vault</td></tr><tr><td>south vault</td></tr></table><dl><dt>RPO</dt><dd>One day of work may be lost.</dd></dl>
<blockquote>Test a restore every quarter.</blockquote></main><aside>Recently changed pages</aside>
<footer>Powered by a wiki</footer></body>""",
    (
        "Every server is saved each night at two.",
        "Daily copies stay for two weeks.",
        "Those of databases stay for a month.",
        "Monthly copies stay for a year.",
        "backup --full --to tape01",
        "north vault",
        "south vault",
        "One day of work may be lost.",
        "Test a restore every quarter.",
    ),
    ("All spaces", "People directory", "Recently changed pages", "Powered by a wiki"),
)
_NEWS = _page(
    "news.html",
    """<head><title>新桥通车</title></head><body><div class="header"><div class="menu"><ul><li><a href=1>国内</a></li><li>
<a href=2>国际</a></li><li><a href=3>体育频道</a></li></ul></div></div><div class="breadcrumb"><a href=0>新闻中心</a> &gt; 正文</div>
<article><h1>新桥通车</h1><div class="meta">三月一日 记者 周平</div><p>全长两公里的南江新桥昨天通车。</p>
<figure><img src="http://127.0.0.1:9/bridge.jpg"><figcaption>通车当天的南江新桥。</figcaption></figure>
<p>市民过江的时间从四十分钟缩短到十分钟。</p><h2>公交线路</h2><p>12路和35路公交车改走新桥。</p></article>
<div class="recommend"><h2>推荐阅读</h2><ul><li><a href="/1">旧桥将改建成步行桥</a></li><li><a href="/2">地铁三号线开工</a></li></ul>
</div><div class="share">分享到微信</div><div id="comments"><p>网友甲：终于通了！</p></div></body>""",
    (
        "全长两公里的南江新桥昨天通车。",
        "通车当天的南江新桥。",
        "市民过江的时间从四十分钟缩短到十分钟。",
        "公交线路",
        "12路和35路公交车改走新桥。",
    ),
    ("体育频道", "新闻中心", "旧桥将改建成步行桥", "地铁三号线开工", "分享到微信"),
)
_OLD = _page(
    "old-intranet.html",
    """<head><title>Fire drill</title></head><body><table width=100%><tr><td class=menu width=150><a href=a>Start</a><br>
<a href=b>Phone book</a><br><a href=c>Canteen menu</a></td><td><font size=5><b>Fire drill</b></font><p>Leave the building by the
nearest stairs.<br>Do not use the lifts.<p>Meeting points:<table border=1><tr><th>Floor<th>Point<tr><td>1 to 3<td>North yard
<tr><td>4 to 6<td>Car park</table><p>Wardens wear yellow vests.</td></tr></table></body>""",
    (
        "Leave the building by the nearest stairs.",
        "Do not use the lifts.",
        "Meeting points",
        "North yard",
        "Car park",
        "Wardens wear yellow vests.",
    ),
    ("Phone book", "Canteen menu"),
)
_FAQ = _page(
    "faq.html",
    """<head><title>Questions</title></head><body><div class="navbar navbar-default"><a href=/>Brand</a></div><div class="container">
<h1>Questions</h1><details><summary>How do I reset the device?</summary><p>Hold the button for ten seconds.</p></details>
<details><summary>Where is the serial number?</summary><p>It is printed below the battery.</p></details>
<h4>Still no answer?</h4><p>Write to <a href="mailto:help@maker.example">our service</a>.</p></div>
<form><label>Search the site</label><input></form><div role="contentinfo">Imprint and privacy</div></body>""",
    (
        "How do I reset the device?",
        "Hold the button for ten seconds.",
        "Where is the serial number?",
        "It is printed below the battery.",
        "Still no answer?",
        "help@maker.example",
    ),
    ("Search the site", "Imprint and privacy"),
)
_CHAPTER = _page(
    "chapter.html",
    """<head><title>3.2. 更换滤芯</title></head><body><div class="navheader"><table width="100%" summary="Navigation header">
<tr><th colspan="3">3.2. 更换滤芯的步骤一览</th></tr><tr><td><a accesskey="p" href="c1.html">后退一节</a></td><th>第三章 保养维护</th><td><a
accesskey="n" href="c3.html">前进一节</a></td></tr></table><hr></div><div class="sect1"><div class="titlepage"><h2 class="title">
<a name="x"></a>3.2. 更换滤芯</h2></div><p>滤芯每六个月更换一次。</p><div class="note"><table><tr><td rowspan="2"><img alt="[注意]"
src="n.png"></td><th>注意</th></tr><tr><td><p>更换前请关闭进水阀。</p></td></tr></table></div><div class="variablelist"><dl><dt>
<span class="term">型号 F2</span></dt><dd><p>适用于 2019 年以后的机器。</p></dd><dt><span class="term">型号 F1</span></dt><dd><p>
适用于更早的机器。</p></dd></dl></div></div><ul class="docnav"><li><a href="c1.html">3.1. 日常清洁</a></li><li><a href="#">回到页首</a>
</li></ul><div class="navfooter"><hr><table><tr><td>3.1. 每天的清洁</td><td><a href="i.html">起始页</a></td><td>3.3. 更换密封圈</td></tr>
</table></div></body>""",
    (
        "滤芯每六个月更换一次。",
        "更换前请关闭进水阀。",
        "型号 F2：适用于 2019 年以后的机器。",
        "型号 F1：适用于更早的机器。",
    ),
    (
        "更换滤芯的步骤一览",
        "第三章 保养维护",
        "后退一节",
        "前进一节",
        "日常清洁",
        "回到页首",
        "每天的清洁",
        "更换密封圈",
        "起始页",
    ),
)
_REFERENCE = _page(
    "reference.html",
    """<head><title>valve &#8212; Pump 2.1</title></head><body><div class="related" role="navigation"><h3>Navigation</h3><ul>
<li><a href="genindex.html">index of names</a></li></ul></div><div class="body" role="main"><section id="valve"><h1>valve<a
class="headerlink" href="#valve" title="Link to this heading">¶</a></h1><p>Opens and closes the valves of a pump.</p><dl><dt id="o">
valve.open(<em>share</em>)<a class="headerlink" href="#o">¶</a></dt><dd><p>Open to a share between 0 and 1.</p><p>Waits until it is done.
</p></dd><dt>-q</dt><dt>--quiet</dt><dd>Print nothing.</dd></dl><p>See the notes <a href="#n1">[1]</a>.</p></section></div>
<div class="sphinxsidebar" role="navigation"><h4>Previous topic</h4></div><div class="footer" role="contentinfo">Created by a tool</div>
</body>""",
    (
        "Opens and closes the valves of a pump.",
        "valve.open(share): Open to a share between 0 and 1.",
        "Waits until it is done.",
        "-q, --quiet: Print nothing.",
        "See the notes [1].",
    ),
    ("index of names", "Previous topic", "Created by a tool"),
)
PAGES = (_SHOP, _WIKI, _NEWS, _OLD, _FAQ, _CHAPTER, _REFERENCE)
