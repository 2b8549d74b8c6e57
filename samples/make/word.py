"""Make the Word samples: 产品手册-YL300.docx and 设备维护规程.docx."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Pt

FOLDER = Path(__file__).resolve().parent.parent
COMPANY = "云岭智能制造有限公司"
FONT = "Microsoft YaHei"

# "# " and "## " begin headings, "- " list items, "+ " numbered steps, "|" rows of a table; others are paragraphs.
MANUAL = """
# 产品概述
YL300是云岭智能制造有限公司面向装配、上下料和涂胶工序开发的六轴工业机器人，2022年9月首次上市。本手册适用于V3.2版硬件和YC-20控制器，文件编号YL-DOC-300-CN，2025年11月第四版。
该系列有三个型号：
- YL300-S（标准型）：额定负载12 kg，工作半径1,450 mm，用于装配和上下料。
- YL300-L（长臂型）：额定负载8 kg，工作半径1,810 mm，用于涂胶和大件搬运。
- YL300-C（洁净型）：额定负载10 kg，工作半径1,450 mm，洁净等级ISO 5级，用于电子和医药行业。
# 技术参数
## 整机参数
| 项目 | YL300-S | YL300-L | YL300-C |
| 额定负载 | 12 kg | 8 kg | 10 kg |
| 工作半径 | 1,450 mm | 1,810 mm | 1,450 mm |
| 重复定位精度 | ±0.03 mm | ±0.05 mm | ±0.03 mm |
| 本体质量 | 168 kg | 182 kg | 171 kg |
| 最大合成速度 | 7.8 m/s | 8.4 m/s | 6.9 m/s |
| 额定功率 | 3.2 kVA | 3.4 kVA | 3.2 kVA |
| 本体防护等级 | IP54（手腕IP67） | IP54（手腕IP67） | IP65（手腕IP67） |
| 噪声 | 不大于72 dB(A) | 不大于74 dB(A) | 不大于70 dB(A) |
## 各轴运动范围
以下数据以YL300-S为准，其他型号的J2、J3轴范围见随机附带的尺寸图。
| 轴 | 运动范围 | 最大速度 |
| J1 | ±170° | 260°/s |
| J2 | +135°至-90° | 240°/s |
| J3 | +80°至-155° | 280°/s |
| J4 | ±200° | 430°/s |
| J5 | ±125° | 430°/s |
| J6 | ±360° | 720°/s |
# 安装
## 环境要求
- 环境温度0 ℃至45 ℃，运输和储存温度-25 ℃至60 ℃。
- 相对湿度20%至80%，不结露；海拔不超过1,000 m，每升高100 m负载降低1%。
- 电源为三相AC 380 V±10%，50 Hz，接地电阻不大于4 Ω，须单独安装25 A断路器。
- 压缩空气压力0.5 MPa至0.7 MPa，过滤精度40 μm。
## 本体固定
安装基础的混凝土厚度不小于250 mm，强度等级不低于C30，平面度不超过0.5 mm。
底座用四颗M16×45、12.9级螺栓固定，拧紧力矩为210 N·m，分两次对角拧紧。
控制柜与本体之间的动力电缆标准长度为5 m，可选10 m和15 m。电缆弯曲半径不小于180 mm，动力线与信号线间距不小于100 mm。
# 启动与停机
## 首次启动
首次启动按以下步骤进行：
+ 确认防护门关闭、急停按钮全部复位，接通控制柜主开关，等待约45秒至示教器显示主界面。
+ 在示教器YT-8上输入出厂口令300300，系统会强制要求修改为8位以上的新口令。
+ 以不高于10%的速度逐轴点动，检查方向和限位，然后执行零点校准，校准误差不超过0.02°。
+ 装入负载参数，以30%的速度空载运行30分钟，各轴温升不超过25 ℃后方可转入自动模式。
## 停机
短时停机按“保持”键即可。停机超过8小时应回到原点并关闭主开关；停机超过30天应每15天通电2小时，以保持编码器电池和电容的状态。
# 故障代码
常见故障代码如下。未列出的代码请与技术服务部联系，热线400-000-3300，服务时间8:00至20:00。
| 代码 | 含义 | 处理方法 |
| E-101 | 急停回路断开 | 检查急停按钮和安全门插头，复位后按“清除”键 |
| E-114 | 编码器电池电压低于3.1 V | 在通电状态下更换电池ER-36，更换后无需重新校零 |
| E-207 | 伺服驱动器过热，散热片温度超过85 ℃ | 清洗滤网，检查风扇，冷却20分钟后重启 |
| E-215 | 轴过载，电流超过额定值的250% | 检查碰撞和负载参数，必要时降低加速度至60% |
| E-302 | 控制器与示教器通信中断超过500 ms | 重新插接示教器电缆，检查屏蔽层接地 |
| E-318 | 零点数据丢失 | 执行零点校准，并重新保存负载参数 |
| E-406 | 抱闸释放异常 | 立即停机，测量抱闸电压是否为DC 24 V±5%，联系技术服务部 |
| W-021 | 润滑脂更换到期提醒 | 按维护规程YL-MP-300更换润滑脂后清零计时 |
# 安全须知
- 操作人员须接受不少于16学时的培训并取得云岭操作证，操作证有效期三年。
- 示教时机器人末端速度不得超过250 mm/s，示教人员须手持使能开关。
- 防护围栏高度不低于1,400 mm，与机器人最大动作范围的距离不小于500 mm。
- 维修前切断主电源，等待5分钟，确认直流母线电压低于36 V后方可开盖。
# 质保与寿命
整机质保期为24个月，自验收之日起计算，最迟不超过发货后27个月；减速器质保期为36个月。电缆、电池、滤网等易损件不在质保范围之内。
平均无故障时间为60,000小时，设计寿命为10年或40,000运行小时，以先到者为准。使用非原厂润滑脂或自行拆解减速器的，质保终止。
"""

MAINTENANCE = """
# 总则
## 适用范围
本规程规定了YL300系列机器人及YC-20控制器的定期维护要求，文件编号YL-MP-300，2025年12月1日起实施，适用于客户现场和公司三家工厂在用的设备。
维护人员须持有云岭二级及以上维修证，每次作业不少于两人，其中一人专职监护。
## 维护前的准备
- 将机器人移至维护姿态：J2为0°，J3为-90°，其余各轴为0°。
- 备份程序和零点数据至U盘，备份文件保留最近3份。
- 断开主电源并挂“禁止合闸”牌上锁，等待5分钟后用万用表确认母线电压低于36 V。
# 维护周期
维护周期以运行小时或日历时间先到者为准。
| 项目 | 周期 | 内容 | 工时 |
| 日常点检 | 每班 | 外观、异响、气压、急停功能 | 10分钟 |
| 一级保养 | 500小时或1个月 | 清洗控制柜滤网，检查电缆和接头 | 1小时 |
| 二级保养 | 2,500小时或6个月 | 检查皮带张力、抱闸、螺栓力矩，补充手腕润滑脂 | 4小时 |
| 三级保养 | 10,000小时或24个月 | 更换各轴润滑脂、编码器电池、控制柜风扇 | 12小时 |
| 大修 | 40,000小时或10年 | 更换减速器、本体电缆和全部密封件，重新标定 | 5个工作日 |
# 润滑
## 润滑脂与用量
J1至J3轴使用YG-2号润滑脂，J4至J6轴使用YG-0号润滑脂，两种润滑脂不得混用。
| 部位 | 润滑脂 | 用量 | 更换周期 |
| J1减速器 | YG-2 | 380 mL | 10,000小时 |
| J2减速器 | YG-2 | 320 mL | 10,000小时 |
| J3减速器 | YG-2 | 210 mL | 10,000小时 |
| J4减速器 | YG-0 | 95 mL | 10,000小时 |
| J5、J6手腕 | YG-0 | 60 mL | 10,000小时，每2,500小时补充12 mL |
## 更换步骤
+ 热机运行20分钟，使润滑脂温度达到30 ℃至40 ℃。
+ 拆下排脂口螺塞并接好收集袋，用手动脂枪从注脂口缓慢注入，注入压力不超过0.15 MPa，直至排出的润滑脂颜色与新脂一致。
+ 以50%的速度往复运行该轴15分钟，排出多余润滑脂，释放内部压力。
+ 清洁螺塞，缠三圈密封带后装回，拧紧力矩为16 N·m，擦净溢出的润滑脂。
废润滑脂属于危险废物，须装入专用桶，由安环部每季度交有资质的单位处置。
# 紧固力矩
二级保养时用力矩扳手检查下列螺栓，偏差超过10%的重新拧紧并画红色标记线。
| 部位 | 规格 | 力矩 |
| 底座螺栓 | M16×45，12.9级 | 210 N·m |
| J1电机固定螺栓 | M8×25 | 33 N·m |
| J2、J3电机固定螺栓 | M8×20 | 30 N·m |
| 小臂端盖螺栓 | M6×16 | 13 N·m |
| 手腕法兰螺栓 | M5×12 | 9 N·m |
# 检查与测量
## 皮带张力
J5、J6轴同步带用声波张力计测量。新皮带的频率为52 Hz至58 Hz，运行后的皮带为45 Hz至52 Hz，低于42 Hz必须更换。
## 抱闸检查
使机器人处于水平伸展姿态并装额定负载，切断伺服后10秒内各轴末端下沉量不得超过1.5 mm，超过3 mm的立即更换抱闸。
## 绝缘与接地
用500 V兆欧表测量动力回路对地绝缘电阻，不得低于1 MΩ；保护接地电阻不得大于4 Ω。测量前必须拔下伺服驱动器的编码器插头。
## 编码器电池
编码器电池型号为ER-36，每台4节，每24个月更换一次。更换时控制器应保持通电，4节须在30分钟内全部更换完毕，否则零点数据可能丢失。
# 精度复检
三级保养或发生碰撞以后，用激光跟踪仪在5个测点各测30次。
重复定位精度的合格标准：YL300-S和YL300-C不超过±0.03 mm，YL300-L不超过±0.05 mm；超差的须重新标定并再次测量。
# 备件与记录
现场常备备件包括编码器电池1组、控制柜滤网4片、急停按钮1只和同步带1套，库存低于下限时在3个工作日内补足。
维护完成后24小时内在“云枢”系统填写维护记录，记录保存5年。设备部每月5日前汇总上月的计划完成率，目标为不低于98%。
"""


def blank(title: str) -> WordDocument:
    document = Document()
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.name = FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.styles["Normal"].font.size = Pt(10.5)
    properties = document.core_properties
    properties.title, properties.author, properties.language = title, COMPANY, "zh-CN"
    properties.created = properties.modified = datetime(2025, 12, 1, 9)
    properties.last_modified_by, properties.comments = COMPANY, ""
    document.sections[0].header.paragraphs[0].text = f"{COMPANY}　{title}"
    document.add_paragraph(title, style="Title")
    return document


def add_table(document: WordDocument, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]), style="Light Grid Accent 1")
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text


def fill(document: WordDocument, text: str) -> None:
    styles = {"# ": "Heading 1", "## ": "Heading 2", "- ": "List Bullet", "+ ": "List Number"}
    rows: list[list[str]] = []
    for line in [*text.strip().splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            add_table(document, rows)
            document.add_paragraph()
            rows = []
        mark = line[: line.find(" ") + 1]
        if mark in styles:
            document.add_paragraph(line.removeprefix(mark), style=styles[mark])
        elif line:
            document.add_paragraph(line)


def make(folder: Path = FOLDER) -> None:
    for name, title, text in (
        ("产品手册-YL300.docx", "YL300系列六轴工业机器人产品手册", MANUAL),
        ("设备维护规程.docx", "YL300系列机器人设备维护规程", MAINTENANCE),
    ):
        document = blank(title)
        fill(document, text)
        document.save(str(folder / name))


if __name__ == "__main__":
    make()
