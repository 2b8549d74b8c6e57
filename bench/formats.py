"""What comes out of files of every kind: python -m bench.formats [--into docs/formats.md]

Makes files such as people have, adds some that installed packages ship, reads each in the loading process and prints
a table. With --into, the table takes the place of the one under the heading "What comes out" of a page.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from bench import files, office_files
from bench.pages import PAGES
from ingest.config import load_settings
from ingest.load.process import LoadingProcess, Unread
from ingest.types import Document

_HEADING = "## What comes out\n"
_CUT = 110
# Files that packages ship: a glob below the folder of packages and how the table calls them.
_SHIPPED = (
    "docx/templates/default.docx",
    "pptx/templates/default.pptx",
    "matplotlib/mpl-data/images/*.pdf",
    "sklearn/datasets/data/*.csv",
    "sklearn/datasets/descr/*.rst",
    "torch-*.dist-info/licenses/LICENSE.txt",
)
_TRADITIONAL = (
    "第一章 總則\n\n水泵每週一開班之前檢查一次，壓力低於兩巴時生產線立即停機。\n更換濾芯的人要在外殼上寫明日期。\n"
)
_SIMPLIFIED = (
    "第一章 总则\n\n水泵每周一开班之前检查一次，压力低于两巴时生产线立即停机。\n更换滤芯的人要在外壳上写明日期。\n"
)
_MARKDOWN = (
    "---\ntitle: 水泵手册\n---\n# 概述\n\n见[维护计划](https://plan.example/p)。\n\n## 规格\n\n"
    "| 型号 | 压力 |\n|---|---|\n| P1 | 2 巴 |\n\n1. 停机\n2. 放水\n   - 先关阀门\n\n```sh\npump --stop\n```\n"
)


def _table(rows: int, separator: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow(("编号", "地点", "压力"))
    writer.writerows((f"S{number}", f"{number % 7}号厂房", f"{2 + number % 13 / 10:.1f} 巴") for number in range(rows))
    return buffer.getvalue()


def _broken_outline_pdf() -> bytes:
    sound = office_files.report_pdf(3)
    return sound.replace(b"startxref", b"startxxxx", 1)


MADE: dict[str, Callable[[], bytes]] = {
    "report-20-pages.pdf": lambda: office_files.report_pdf(20),
    "中文年报.pdf": lambda: office_files.report_pdf(12, chinese=True),
    "500-pages.pdf": lambda: office_files.report_pdf(500),
    "two-columns.pdf": office_files.two_columns_pdf,
    "scanned.pdf": lambda: office_files.scanned_pdf(2),
    "encrypted.pdf": lambda: office_files.report_pdf(2, password="x"),
    "truncated.pdf": lambda: office_files.report_pdf(20)[:9000],
    "broken-index.pdf": _broken_outline_pdf,
    "photo.png": lambda: office_files.picture("PNG"),
    "photo.jpg": lambda: office_files.picture("JPEG"),
    "水泵手册.docx": office_files.manual_docx,
    "contract-without-styles.docx": office_files.plain_docx,
    "truncated.docx": lambda: office_files.manual_docx()[:9000],
    "zip-bomb.docx": lambda: files.zipped({"word/document.xml": b"0" * 150_000_000}),
    "价目.xlsx": office_files.price_list_xlsx,
    "50k-rows.xlsx": lambda: office_files.large_xlsx(50_000),
    "deck.pptx": lambda: office_files.deck_pptx(20),
    "gb18030.txt": lambda: _SIMPLIFIED.encode("gb18030"),
    "big5.txt": lambda: _TRADITIONAL.encode("big5"),
    "utf-16-without-mark.txt": lambda: _SIMPLIFIED.encode("utf-16-le"),
    "utf-16.csv": lambda: _table(200, "\t").encode("utf-16"),
    "gb18030.csv": lambda: _table(2000).encode("gb18030"),
    "wrapped-lines.txt": lambda: "\n".join(office_files._lines(" ".join(office_files.SENTENCES * 20), 72)).encode(),
    "手册.md": lambda: _MARKDOWN.encode(),
    **{page.name: partial(getattr, page, "content") for page in PAGES},
    "茶园手记.epub": files.epub_bytes,
    "reply-with-attachments.eml": lambda: files.eml_bytes(
        {"价目.xlsx": office_files.price_list_xlsx(), "report.pdf": office_files.report_pdf(2), "坏.docx": b"PK"}
    ),
    "会议室.msg": files.outlook_bytes,
    "mailbox.mbox": lambda: files.mbox_bytes(*[files.eml_bytes({})] * 5),
    "mixed.zip": lambda: files.zipped(
        {
            "合同/一.docx": office_files.plain_docx(),
            "合同/价目.xlsx": office_files.price_list_xlsx(),
            "../up.md": _MARKDOWN,
            "broken.pdf": b"%PDF-1.7",
            "inner.zip": files.zipped({"a.txt": "x"}),
        }
    ),
    "zip-bomb.zip": lambda: files.zipped({"a.txt": b"0" * 150_000_000}),
    "借阅规则.odt": files.odt_bytes,
    "库存.ods": files.ods_bytes,
    "计划.odp": files.odp_bytes,
    "值班表.rtf": files.rtf_bytes,
    "store.json": files.json_bytes,
    "records.jsonl": lambda: '{"title": "退货", "text": "七天内可退。"}\n{"型号": "P1", "价格": 299}\n'.encode(),
    "植物.xml": files.xml_bytes,
    "manual.rst": files.rst_bytes,
    "日志.org": files.org_bytes,
    "really-a-picture.pdf": lambda: office_files.picture("PNG"),
    "really-a-workbook.docx": office_files.price_list_xlsx,
    "really-html.md": lambda: PAGES[1].content,
    "empty.pdf": lambda: b"",
    "blank.txt": lambda: b" \n\n",
    "old.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "noise.txt": lambda: bytes(range(256)) * 50,
}


def shipped() -> Iterator[Path]:
    packages = Path(sysconfig.get_paths()["purelib"])
    for pattern in _SHIPPED:
        yield from sorted(packages.glob(pattern))[:1]


def _row(name: str, size: int, seconds: float, read: list[Document | Unread]) -> str:
    documents = [one for one in read if isinstance(one, Document)]
    blocks = [block for document in documents for block in document.blocks]
    told = [one.reason for one in read if isinstance(one, Unread)]
    told += [warning for document in documents for warning in document.warnings]
    pages = sum(document.pages or 0 for document in documents)
    headings = sum(block.kind == "heading" for block in blocks)
    rows = sum(block.kind == "row" for block in blocks)
    many = f"{len(documents)} documents; " if len(documents) > 1 else ""
    said = many + "; ".join(one if len(one) <= _CUT else f"{one[:_CUT]}…" for one in told).replace("|", "\\|")
    return f"| {name} | {size:,} | {pages or ''} | {headings} | {rows} | {len(blocks)} | {seconds:.2f} | {said} |"


def table() -> Iterator[str]:
    """Give the lines of the table."""
    settings = load_settings().load
    yield "| file | bytes | pages | headings | rows | blocks | s | warnings and errors |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    with tempfile.TemporaryDirectory() as folder, closing(LoadingProcess(settings)) as process:
        made = [(Path(folder) / name, make) for name, make in MADE.items()]
        for path, make in made:
            path.write_bytes(make())
        list(process.read(made[0][0]))  # started and warm
        for path in (*(path for path, _ in made), *shipped()):
            began = time.perf_counter()
            read = list(process.read(path))
            seconds = time.perf_counter() - began
            yield _row(path.name, path.stat().st_size, seconds, read)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.formats", description=__doc__)
    parser.add_argument("--into", type=Path, help="page whose table is to be replaced")
    arguments = parser.parse_args()
    lines = []
    for line in table():
        print(line, flush=True)
        lines.append(line)
    if arguments.into:
        page = arguments.into.read_text(encoding="utf-8")
        head, _, rest = page.partition(_HEADING)
        text, _, after = rest.partition("\n| file |")
        after = re.sub(r"\A.*(?:\n\|.*)*", "", after)
        arguments.into.write_text(f"{head}{_HEADING}{text}\n" + "\n".join(lines) + after, encoding="utf-8")


if __name__ == "__main__":
    main()
