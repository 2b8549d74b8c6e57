"""Make the workbook sample: 价格表.xlsx."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

FOLDER = Path(__file__).resolve().parent.parent
COMPANY = "云岭智能制造有限公司"

Row = tuple[str | int, ...]

MACHINES: list[Row] = [
    ("料号", "型号", "名称", "含税单价（元）", "交货期（周）", "起订量（台）", "备注"),
    ("YL-100A-01", "YL100-A", "桌面协作机械臂，负载3 kg", 58000, 4, 1, "含示教器"),
    ("YL-100B-01", "YL100-B", "桌面协作机械臂，负载5 kg", 69500, 4, 1, "含示教器"),
    ("YL-100V-01", "YL100-V", "桌面协作机械臂，负载3 kg，带腕部相机", 76800, 5, 1, "相机500万像素"),
    ("YL-300S-01", "YL300-S", "六轴机器人标准型，负载12 kg", 168000, 6, 1, "含YC-20控制器和5 m电缆"),
    ("YL-300L-01", "YL300-L", "六轴机器人长臂型，负载8 kg", 186000, 8, 1, "含YC-20控制器和5 m电缆"),
    ("YL-300C-01", "YL300-C", "六轴机器人洁净型，负载10 kg", 215000, 10, 1, "附洁净度检测报告"),
    ("YL-500A-01", "YL500-A", "智能搬运车，载重600 kg", 132000, 6, 2, "含一台充电桩"),
    ("YL-500B-01", "YL500-B", "智能搬运车，载重1,200 kg", 178000, 8, 2, "含一台充电桩"),
    ("YL-500F-01", "YL500-F", "叉式搬运车，举升1.6 m", 236000, 12, 1, "含激光安全雷达"),
    ("YL-700S-01", "YL700-S", "视觉检测工作站，四相机", 296000, 10, 1, "2026年3月26日起供货"),
    ("YL-700D-01", "YL700-D", "视觉检测工作站，八相机", 418000, 14, 1, "2026年9月起供货"),
    ("YH-BAS-10", "云枢基础版", "设备管理软件，10台设备授权", 36000, 1, 1, "每年维护费为售价的15%"),
    ("YH-PRO-50", "云枢专业版", "设备管理软件，50台设备授权", 128000, 2, 1, "每年维护费为售价的15%"),
]

PARTS: list[Row] = [
    ("料号", "名称", "适用机型", "含税单价（元）", "单位", "交货期（天）", "备注"),
    ("SP-ER36-4", "编码器电池ER-36", "YL300全系", 260, "组", 3, "每组4节"),
    ("SP-FLT-20", "控制柜滤网", "YC-20控制器", 38, "片", 3, "每箱20片"),
    ("SP-FAN-24", "控制柜风扇DC 24 V", "YC-20控制器", 185, "只", 5, "每柜3只"),
    ("SP-YG2-16", "润滑脂YG-2", "YL300的J1至J3轴", 1480, "桶", 5, "每桶16 L"),
    ("SP-YG0-04", "润滑脂YG-0", "YL300的J4至J6轴", 620, "桶", 5, "每桶4 L"),
    ("SP-BLT-56", "J5、J6轴同步带", "YL300全系", 340, "套", 7, "每套2条"),
    ("SP-RED-J1", "J1轴减速器", "YL300-S、YL300-L", 14600, "台", 30, "质保36个月"),
    ("SP-RED-J3", "J3轴减速器", "YL300全系", 9800, "台", 30, "质保36个月"),
    ("SP-TP-08", "示教器YT-8", "YL100、YL300", 7900, "台", 10, "含5 m电缆"),
    ("SP-CBL-10", "动力电缆10 m", "YL300全系", 2350, "根", 10, "弯曲半径不小于180 mm"),
    ("SP-CBL-15", "动力电缆15 m", "YL300全系", 3180, "根", 10, "弯曲半径不小于180 mm"),
    ("SP-BAT-48", "锂电池组48 V 60 Ah", "YL500-A、YL500-B", 11200, "组", 14, "循环寿命2,000次"),
    ("SP-WHL-12", "驱动轮", "YL500全系", 1260, "只", 7, "建议15,000 km更换"),
    ("SV-TRN-02", "操作员培训", "全部机型", 2600, "人", 15, "16学时，含取证费"),
    ("SV-INS-01", "现场安装调试", "全部机型", 3200, "天", 10, "差旅费另计"),
    ("SV-MNT-3", "三级保养", "YL300全系", 6800, "台", 10, "含润滑脂和电池"),
    ("SV-EXT-12", "延保12个月", "YL300全系", 9200, "台", 3, "须在质保期内购买"),
]


def add_sheet(book: Workbook, name: str, rows: list[Row]) -> None:
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E79")
        cell.alignment = Alignment(horizontal="center")
    for column, cells in enumerate(zip(*rows, strict=True), 1):
        widest = max(len(str(cell).encode("gb18030")) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = widest + 3
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def make(folder: Path = FOLDER) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    add_sheet(book, "整机与软件", MACHINES)
    add_sheet(book, "备件与服务", PARTS)
    book.properties.title = "2026年价格表"
    book.properties.creator = COMPANY
    book.properties.created = datetime(2026, 1, 5, 9)
    book.save(folder / "价格表.xlsx")


if __name__ == "__main__":
    make()
