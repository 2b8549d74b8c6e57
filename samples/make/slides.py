"""Make the slide deck sample: 新产品发布.pptx."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Cm, Pt

FOLDER = Path(__file__).resolve().parent.parent
COMPANY = "云岭智能制造有限公司"
BLUE = RGBColor(0x1F, 0x4E, 0x79)


@dataclass(frozen=True)
class Page:
    title: str
    notes: str
    bullets: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


COVER = Page(
    "YL700视觉检测工作站发布会",
    "欢迎词控制在2分钟以内。今天到场的有来自9个省份的63家客户和12家媒体。",
    [f"{COMPANY}　产品研发中心", "2026年3月26日　昆明"],
)

PAGES = [
    Page(
        "为什么做YL700",
        "这一页的数据来自2025年第三季度对118家客户的电话访问，样本名单在市场部。",
        [
            "客户反馈：人工目检漏检率平均为2.3%，夜班升至3.8%",
            "一个检测工位每年的人工成本约19.6万元",
            "118家受访客户中，74%计划在两年内引入自动检测",
            "项目2023年11月立项，研发团队46人，历时28个月，投入2,600万元",
        ],
    ),
    Page(
        "五项核心能力",
        "现场演示使用表面有0.02 mm划痕的铝制手机中框，演示时间4分钟。",
        [
            "看得清：四台2,000万像素相机，最小可检缺陷0.02 mm",
            "看得快：每分钟检测120件，单件判定时间不超过0.35秒",
            "学得快：每类缺陷只需30张样图，90分钟完成建模",
            "接得上：支持PROFINET和OPC UA，与“云枢”系统直接连接",
            "存得下：检测图像默认保存90天，每件约4 MB",
        ],
    ),
    Page(
        "技术参数对比",
        "八相机的YL700-D要到2026年9月才能供货，销售人员不要提前承诺交期。",
        rows=[
            ["项目", "YL700-S", "YL700-D"],
            ["相机", "4台，2,000万像素", "8台，2,000万像素"],
            ["检测速度", "120件/分钟", "200件/分钟"],
            ["最小可检缺陷", "0.02 mm", "0.02 mm"],
            ["检出率", "99.7%", "99.8%"],
            ["误判率", "不高于0.5%", "不高于0.4%"],
            ["最大工件尺寸", "400 mm×300 mm×150 mm", "600 mm×450 mm×200 mm"],
            ["额定功率", "1.8 kW", "2.9 kW"],
            ["质量", "420 kg", "610 kg"],
        ],
    ),
    Page(
        "试用结果",
        "三家试用客户均已同意公开数据。石林车灯的合同金额不对外公布。",
        [
            "三家客户试用9个月，累计检测工件1,140万件",
            "滇池电子：漏检率由2.1%降至0.3%，每班检测人员由14人减至5人",
            "澄江精密：客户投诉由每月8起降至1起，投资回收期14个月",
            "石林车灯：换型时间由55分钟缩短至12分钟",
        ],
    ),
    Page(
        "价格与交付",
        "优惠只适用于含税单价，不含安装调试费。分期方案由财务总监批准后才能使用。",
        [
            "YL700-S含税单价296,000元，交货期10周",
            "YL700-D含税单价418,000元，交货期14周，2026年9月起供货",
            "首发优惠：2026年6月30日前签约，单价优惠8%，并赠送2人操作员培训",
            "付款方式：合同签订付30%，发货前付60%，验收后付10%",
            "整机质保24个月，相机和光源质保12个月",
        ],
    ),
    Page(
        "服务保障",
        "备件前置仓的地址见内部网页。驻场服务须由区域经理提前15天预约。",
        [
            "400-000-3300热线8:00至20:00接听，30分钟内响应",
            "省会城市24小时到场，其他城市48小时到场",
            "昆明、苏州、东莞三个备件仓，常用备件满足率96%",
            "每台设备含3天现场调试和2次免费巡检，巡检间隔6个月",
            "软件三年内免费升级，每年发布两个版本",
        ],
    ),
    Page(
        "上市计划",
        "销售目标已经第三届董事会第八次会议批准，市场推广费用480万元。",
        [
            "2026年4月：华东、华南两个演示中心开放，地点在苏州和东莞",
            "2026年5月：完成120名经销商工程师的认证培训",
            "2026年9月：YL700-D供货，同时推出英文和越南文界面",
            "2026年销售目标260台，其中出口不少于30台",
            "生产由昆明工厂承担，月产能35台",
        ],
    ),
]


def make(folder: Path = FOLDER) -> None:
    deck = Presentation()
    deck.slide_width, deck.slide_height = Cm(33.867), Cm(19.05)
    properties = deck.core_properties
    properties.title, properties.author = COVER.title, COMPANY
    properties.created = properties.modified = datetime(2026, 3, 20, 9)
    properties.last_modified_by = COMPANY

    slide = deck.slides.add_slide(deck.slide_layouts[0])
    title, subtitle = slide.placeholders
    title.left, title.top, title.width, title.height = Cm(3), Cm(5), Cm(27.8), Cm(4)
    subtitle.left, subtitle.top, subtitle.width, subtitle.height = Cm(3), Cm(10), Cm(27.8), Cm(4)
    title.text, subtitle.text = COVER.title, "\n".join(COVER.bullets)
    slide.notes_slide.notes_text_frame.text = COVER.notes

    for page in PAGES:
        slide = deck.slides.add_slide(deck.slide_layouts[1 if page.bullets else 5])
        title = slide.shapes.title
        title.left, title.top, title.width, title.height = Cm(2), Cm(1), Cm(29.8), Cm(2.6)
        title.text = page.title
        title.text_frame.paragraphs[0].font.color.rgb = BLUE
        if page.bullets:
            body = slide.placeholders[1]
            body.left, body.top, body.width, body.height = Cm(2), Cm(4.2), Cm(29.8), Cm(13)
            body.text = "\n".join(page.bullets)
            for paragraph in body.text_frame.paragraphs:
                paragraph.font.size, paragraph.space_after = Pt(24), Pt(14)
        if page.rows:
            size = len(page.rows), len(page.rows[0])
            shape = slide.shapes.add_table(*size, Cm(2), Cm(4.2), Cm(29.8), Cm(12))
            for cells, row in zip(shape.table.rows, page.rows, strict=True):
                for cell, text in zip(cells.cells, row, strict=True):
                    cell.text = text
        slide.notes_slide.notes_text_frame.text = page.notes
    deck.save(str(folder / "新产品发布.pptx"))


if __name__ == "__main__":
    make()
