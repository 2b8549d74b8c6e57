"""Make the PDF samples: 员工手册.pdf and 董事会会议纪要.pdf."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

FOLDER = Path(__file__).resolve().parent.parent
COMPANY = "云岭智能制造有限公司"
FONT = "sample"
BLUE = colors.HexColor("#1f4e79")
MARGIN = 26 * mm
WIDTH = A4[0] - 2 * MARGIN
# What a line may not tear: Latin words, and numbers with their unit.
WORD = re.compile(r"[A-Za-z0-9.,:%+\-/]+[年月日天元万亿个台票人]?|.")
NOT_FIRST = set("，。、；：！？）》”%％")
NOT_LAST = set("（《“")

# A line that begins with "# " is a chapter, "## " a section, "|" a row of a table; others are paragraphs.
# A table stays on one page with the paragraph after it.
HANDBOOK = """
# 第一章 总则
## 第一节 目的与适用范围
为规范劳动用工管理，保障公司与员工双方的合法权益，云岭智能制造有限公司（以下简称“公司”）依据国家劳动法律法规，结合生产经营实际，制定本手册。
本手册适用于与公司签订劳动合同的全体员工，包括昆明总部以及昆明、曲靖、南宁三家工厂的员工。劳务派遣人员和实习生参照执行，另有协议的从其协议。
## 第二节 公司概况
公司成立于2009年4月18日，总部设在昆明，主要产品有YL100桌面协作机械臂、YL300六轴装配机器人和YL500智能搬运车。截至2025年末，公司共有员工2,316人。
公司的核心价值观是“务实、精细、互信、共进”。每年4月18日为司庆日，当天下午放假半天。
# 第二章 入职与试用
## 第一节 入职手续
新员工应在报到当日提交身份证、学历证书、离职证明和近三个月内的体检报告。材料不齐的，应在入职后10个工作日内补齐。
公司自用工之日起30日内与员工订立书面劳动合同，首次合同期限一般为三年。入职一周内须完成8学时的安全教育，考核80分以上方可上岗。
## 第二节 试用期
三年期劳动合同的试用期为3个月，研发岗位和部门负责人岗位为6个月。试用期工资不低于转正工资的85%。
用人部门应在试用期届满前10个工作日完成转正评估。评估得分75分及以上的予以转正，60分至74分的可与员工协商调整岗位，低于60分的视为不符合录用条件。
# 第三章 工作时间与考勤
## 第一节 工作时间
公司总部实行每周五天、每天8小时工作制，上班时间为8:45至17:45，午休12:00至13:00。弹性范围为前后各45分钟，即最早8:00、最晚9:30到岗。
工厂生产岗位实行两班制：早班7:30至16:00，晚班16:00至次日0:30，各含30分钟用餐时间。晚班员工每班发放夜班津贴45元。
## 第二节 考勤与加班
员工每日上下班须刷脸打卡。每月迟到累计不超过3次且每次在10分钟以内的，不作处理；超出部分每次扣减当月全勤奖60元。当月全勤奖为300元。
未经批准缺勤半天以上的按旷工处理。连续旷工3天，或者一年内累计旷工5天的，公司可以解除劳动合同。
员工因设备故障、外出办事等原因漏打卡的，可在3个工作日内补签，每月不超过2次。经部门负责人批准，研发和职能岗位每月可以居家办公不超过4天，居家办公期间须在9:30至17:00之间保持在线。
加班须事先在“云枢”系统提出申请，由部门负责人批准。工作日加班按小时工资的150%支付，休息日加班不能安排补休的按200%支付，法定节假日加班按300%支付。每月加班不得超过36小时。
## 第三节 出差
出差须在出发前3个工作日提交申请。交通、住宿和补贴标准按《差旅费管理办法》（YL-FIN-012）执行，返回后15个工作日内报销。休息日在途时间超过4小时的，可以补休半天。
# 第四章 假期
## 第一节 年休假
员工连续工作满12个月后享受带薪年休假。天数按累计工作年限确定，在其他单位的工作年限凭社会保险记录一并计算，具体见下表。
| 累计工作年限 | 年休假天数 | 最多结转天数 |
| 满1年不满5年 | 7天 | 3天 |
| 满5年不满10年 | 10天 | 3天 |
| 满10年不满15年 | 12天 | 5天 |
| 满15年不满20年 | 14天 | 5天 |
| 满20年及以上 | 18天 | 6天 |
例如，累计工作满十年的员工每年享受12天年休假，累计工作满二十年的员工每年享受18天年休假。
年休假以半天为最小单位，3天以内的提前2个工作日申请，超过3天的提前7个工作日申请。当年未休的年休假可在上表范围内结转，结转部分须在次年3月31日前休完。
因工作需要未能安排且不能结转的年休假，公司按日工资的300%给予补偿，其中包含正常工作期间的工资。
## 第二节 病假与事假
员工请病假须提供二级及以上医院的诊断证明，1天以内的可凭挂号单和缴费凭证。每年前6天病假工资按100%发放，超过6天的部分按70%发放。
事假每年累计不超过15天，期间不发工资。1天以内由直接主管批准，2至5天由部门负责人批准，超过5天由分管副总经理批准。
## 第三节 婚假、产假及其他假期
员工依法登记结婚的，享受婚假18天，须在登记之日起12个月内一次性休完。
女员工生育享受产假158天，难产的增加15天，多胞胎每多一个婴儿增加15天。男员工享受护理假30天。子女满三周岁之前，父母双方每年各享受育儿假10天。
直系亲属去世的，给予丧假3天；需要到外省料理丧事的，另给路程假2天。
## 第四节 请假程序
请假在“云枢”系统中办理。突发疾病等紧急情况不能事先申请的，应在当日上班后1小时内电话告知主管，并在返岗后2个工作日内补办手续。
# 第五章 薪酬与福利
## 第一节 薪酬
员工薪酬由岗位工资、绩效工资和津贴补贴组成。工资于每月10日发放上月工资，遇节假日提前至最近的工作日。
绩效考核每季度进行一次，分A、B、C、D四档，对应的绩效系数依次为1.3、1.0、0.8和0.5。A档人数不超过部门人数的20%。
年终奖在次年1月25日前发放。发放时已提出离职的员工，按当年实际工作月数折算。
岗位工资每年4月调整一次。上一年度绩效为A档的，调薪幅度为6%至10%；B档为3%至5%；C档不调整；连续两年为D档的，降低一级岗位工资。
## 第二节 福利
公司为员工缴纳五险一金，住房公积金缴存比例为单位和个人各10%。公司另为全体员工投保补充医疗保险，每人每年保额6万元。
每个工作日的餐补为22元，存入员工卡；每月通讯补贴按岗位分为100元和200元两档。员工每两年体检一次，年满40周岁的每年体检一次，标准为每人800元。
入职满三年且在工作所在地无自有住房的员工，可以申请不超过15万元的无息购房借款，分60个月从工资中扣还。
春节、端午、中秋三节慰问金每次500元，员工生日发放200元蛋糕券。公司在曲靖和南宁工厂提供员工宿舍，四人间每月收费80元，双人间每月收费180元，水电费由公司承担每人每月30元以内的部分。
子女当年考取全日制本科院校的，公司一次性奖励3,000元；员工本人或直系亲属患重大疾病的，工会互助基金给予5,000元至30,000元的救助。
# 第六章 培训与发展
公司每年安排每位员工不少于40学时的培训。由公司出资、费用超过1万元的专项培训，应当签订培训协议，服务期为两年。
员工自费取得与岗位相关的学历或职业资格的，凭证书报销50%的学费，每人每年最高5,000元。
内部岗位空缺先在公司内部公示5个工作日。在现岗位工作满18个月、最近两个季度考核均为B档及以上的员工可以报名竞聘。
公司实行导师制。新员工由一名司龄两年以上的同事带教6个月，带教期满考核合格的，导师获得1,200元津贴。技能等级分为初级工、中级工、高级工、技师和高级技师五级，取得技师资格的每月津贴400元，高级技师每月津贴700元。
# 第七章 行为规范与奖惩
## 第一节 行为规范
员工不得收受供应商或客户的现金、有价证券。价值200元以上的礼品应当婉拒，无法拒绝的须在3个工作日内上交审计部登记。
进入生产区必须穿防砸鞋、戴安全帽，禁止在机器人防护围栏内停留。因违反安全规程造成损失的，由责任人承担相应责任。
公司信息分为公开、内部、机密、绝密四级。员工不得将内部及以上级别的信息发送到个人邮箱或公共云盘，发现泄密事件须在2小时内向信息安全部报告。
员工从事兼职须事先书面申报；不得在与公司有竞争关系的企业任职或持有5%以上的股权。亲属之间不得存在直接的上下级关系，已形成的应在60日内调整。
## 第二节 奖励与处分
合理化建议被采纳的，每条奖励200元至3,000元；产生直接经济效益的，另按首年节约金额的5%奖励，最高5万元。
处分分为口头警告、书面警告、记过和解除劳动合同四种。书面警告有效期6个月，记过有效期12个月，有效期内不得晋升。员工对处分有异议的，可在收到通知后7日内向工会申诉，工会在15日内答复。
有下列情形之一的，公司可以解除劳动合同且不支付经济补偿：提供虚假学历或工作经历的；盗窃公司财物的；收受贿赂金额在1,000元以上的；在生产区吸烟或酒后上岗的；一年内受到两次记过处分的。
# 第八章 离职
## 第一节 离职手续
员工离职按以下步骤办理。第一步，提出申请：员工应提前30日书面通知公司，试用期内提前3日通知，由直接主管在3个工作日内面谈并签署意见。
第二步，工作交接：员工应在最后工作日之前的5个工作日内填写《工作交接清单》，由接手人和部门负责人签字确认，客户资料和技术文件须全部移交。
第三步，归还物品：员工应向行政部归还工牌、门禁卡、笔记本电脑和劳保用品，向财务部结清借款；信息安全部于最后工作日18:00关闭其全部系统账号。
第四步，结算与证明：公司在最后工作日后7日内结清工资，出具离职证明，并在15日内办理档案和社会保险关系转移手续。
离职员工的剩余年休假按在职天数折算，不足一天的部分舍去；已多休的天数不再扣回。离职面谈记录由人力资源部保存两年。
## 第二节 竞业限制
研发、销售的骨干员工和高级管理人员在离职后承担竞业限制义务，期限为12个月。公司按离职前12个月平均工资的35%逐月支付补偿，违约金为补偿总额的3倍。
# 第九章 附则
本手册由人力资源部负责解释，经2025年12月5日职工代表大会讨论通过，自2026年1月1日起施行，2023年版手册同时废止。
员工可拨打人力资源部服务热线8300查询本手册内容，或者登录“云枢”系统下载电子版。
"""

MINUTES = """
# 一、会议基本情况
云岭智能制造有限公司第三届董事会第八次会议于2026年3月12日上午9:30在昆明总部六楼601会议室以现场方式召开。会议通知已于2026年3月2日以书面和电子邮件方式送达全体董事。
会议应出席董事9人，实际出席8人：段云峰、和志远、杨慕青、沈嘉禾、赵守拙、白若川、顾明远、秦素心。独立董事罗一鸣因公务未能出席，书面委托独立董事秦素心代为表决。监事会主席方正平、董事会秘书林晓棠列席会议。
会议由董事长段云峰主持，会议的召集、召开程序符合公司章程的规定，形成的决议合法有效。
# 二、审议事项及决议
## 议案一：《2025年度经营工作报告》
总经理和志远报告了2025年度经营情况：公司全年实现营业收入18.64亿元，比上年增长12.7%；净利润1.52亿元，增长9.4%；生产各类设备6,482台，增长9.8%。
表决结果：同意9票，反对0票，弃权0票。决议：批准该报告。
## 议案二：《2025年度利润分配方案》
以注册资本2.28亿元为基数，每1元出资额分配现金红利0.20元（含税），共计4,560万元，占当年净利润的30.0%，其余利润结转下年。分配基准日为2026年5月13日，派发日为2026年5月20日。
表决结果：同意8票，反对0票，弃权1票（董事白若川）。决议：通过该方案，提交股东会审议。
## 议案三：《2026年度财务预算》
2026年营业收入目标为21.0亿元，比2025年增长12.7%；研发投入1.85亿元，占营业收入的8.8%；管理费用总额控制在1.26亿元以内；年末资产负债率不高于43%。
表决结果：同意9票，反对0票，弃权0票。决议：通过该预算，总经理每季度向董事会报告执行情况。
## 议案四：《曲靖工厂二期项目追加投资》
曲靖工厂二期原批准投资2.40亿元。因增设谐波减速器生产线，追加投资8,600万元，追加后总投资3.26亿元，其中银行贷款不超过1.50亿元。项目须于2027年6月30日前竣工投产，达产后年新增产能1,800台。
独立董事顾明远提出，减速器自制率达到60%以后外购合同的违约风险应当单独评估。董事赵守拙认为投资回收期6.2年偏长，投反对票。
表决结果：同意7票，反对1票（董事赵守拙），弃权1票（董事白若川）。决议：通过该议案，由战略投资部在2026年6月30日之前补充提交减速器外购合同的风险评估报告。
## 议案五：《YL700视觉检测工作站上市计划》
产品研发中心负责人白若川汇报：YL700累计投入研发费用2,600万元，已在3家客户处试用9个月，检出率99.7%。产品定于2026年3月26日发布，2026年销售目标为260台。
表决结果：同意9票，反对0票，弃权0票。决议：批准上市，并拨付市场推广费用480万元。
## 议案六：《2026年度日常关联交易额度》
公司拟向关联方云岭精密零件有限公司采购铸件和壳体，2026年度交易额度不超过3,200万元，价格参照三家以上非关联供应商的平均报价。
关联董事段云峰、杨慕青回避表决。表决结果：同意7票，反对0票，弃权0票。决议：通过该额度。
## 议案七：《聘任财务总监》
经总经理和志远提名，聘任陆婉清女士为公司财务总监，任期三年，自2026年4月1日起至2029年3月31日止。原财务总监许振华先生因退休离任。
表决结果：同意9票，反对0票，弃权0票。决议：通过该聘任。
## 议案八：《召开2025年度股东会》
会议决定于2026年4月28日下午14:00在昆明总部一楼报告厅召开2025年度股东会，会议通知不迟于2026年4月7日发出。
表决结果：同意9票，反对0票，弃权0票。决议：通过该议案。
# 三、其他事项
董事会要求信息安全部在2026年9月30日前完成三家工厂生产网络与办公网络的隔离改造，费用控制在350万元以内。
会议于当日12:10结束。本纪要一式三份，由董事会秘书林晓棠记录并保管，保存期限不少于10年。
出席董事（签字）：段云峰、和志远、杨慕青、沈嘉禾、赵守拙、白若川、顾明远、秦素心（并代罗一鸣）
2026年3月12日
"""


def style(size: float, leading: float, **more: object) -> ParagraphStyle:
    return ParagraphStyle(f"size{size}", fontName=FONT, fontSize=size, leading=leading, **more)


class Pages(BaseDocTemplate):
    """A4 pages with a running head and a page number; headings go into the outline."""

    def __init__(self, path: Path, title: str, head: str, cover: bool) -> None:
        super().__init__(
            str(path), pagesize=A4, title=title, author=COMPANY, lang="zh-CN", invariant=1, creator=COMPANY
        )
        self._head = head
        frame = Frame(MARGIN, 24 * mm, WIDTH, A4[1] - 52 * mm, 0, 0, 0, 0)
        inner = PageTemplate("inner", [frame], onPage=self._running)
        self.addPageTemplates([PageTemplate("cover", [frame]), inner] if cover else [inner])

    def _running(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 9)
        canvas.setFillColor(colors.HexColor("#555555"))
        canvas.drawString(MARGIN, A4[1] - 18 * mm, self._head)
        canvas.line(MARGIN, A4[1] - 20 * mm, A4[0] - MARGIN, A4[1] - 20 * mm)
        canvas.drawCentredString(A4[0] / 2, 13 * mm, f"第 {canvas.getPageNumber()} 页")
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            text = flowable.getPlainText()
            key = f"heading-{self.page}-{text}"
            self.canv.bookmarkHorizontal(key, 0, flowable.height)
            self.canv.addOutlineEntry(text, key, level, closed=False)


def paragraph(text: str, look: ParagraphStyle) -> Paragraph:
    """Break lines so that neither numbers nor Latin words are torn and no line begins with a stop."""
    lines: list[str] = []
    line: list[str] = []
    for word in WORD.findall(text):
        room = WIDTH - (0 if lines else look.firstLineIndent) - 1
        moved = [word]
        if stringWidth("".join([*line, word]), FONT, look.fontSize) > room:
            while len(line) > 1 and (moved[0] in NOT_FIRST or line[-1] in NOT_LAST):
                moved.insert(0, line.pop())
            lines.append("".join(line))
            line = []
        line += moved
    return Paragraph("<br/>".join([*lines, "".join(line)]), look)


def heading(text: str, look: ParagraphStyle, level: int) -> Paragraph:
    made = Paragraph(text, look)
    made.outline_level = level
    return made


def table(rows: list[list[str]]) -> Table:
    made = Table(rows, colWidths=[WIDTH * 0.42, WIDTH * 0.29, WIDTH * 0.29], rowHeights=28, spaceAfter=10)
    made.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), FONT, 11),
                ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#dde8f3")),
                ("ALIGN", (1, 0), (-1, -1), "CENTER"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return made


def story(text: str, body: ParagraphStyle) -> list[Flowable]:
    """Turn marked-up text into flowables."""
    chapter = style(17, 24, spaceBefore=16, spaceAfter=8, textColor=BLUE, keepWithNext=1)
    section = style(14, 20, spaceBefore=8, spaceAfter=5, keepWithNext=1)
    flowables: list[Flowable] = []
    rows: list[list[str]] = []
    for line in text.strip().splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if rows:
            flowables.append(KeepTogether([table(rows), paragraph(line, body)]))
            rows = []
            continue
        if line.startswith("# "):
            flowables += [CondPageBreak(45 * mm), heading(line[2:], chapter, 0)]
        elif line.startswith("## "):
            flowables.append(heading(line[3:], section, 1))
        else:
            flowables.append(paragraph(line, body))
    return flowables


def handbook(path: Path) -> None:
    centred = {"alignment": TA_CENTER}
    cover: list[Flowable] = [
        Spacer(1, 70 * mm),
        Paragraph(COMPANY, style(20, 30, spaceAfter=14, **centred)),
        Paragraph("员工手册", style(36, 48, spaceAfter=14, textColor=BLUE, **centred)),
        Paragraph("2026年版", style(16, 24, spaceAfter=80 * mm, **centred)),
        Paragraph("文件编号：YL-HR-001　版本：V6.0", style(11, 20, **centred)),
        Paragraph("2026年1月1日起施行", style(11, 20, **centred)),
        NextPageTemplate("inner"),
        PageBreak(),
    ]
    body = style(11.5, 20, firstLineIndent=23, spaceAfter=6)
    pages = Pages(path, "员工手册（2026年版）", f"{COMPANY}　员工手册（2026年版）", cover=True)
    pages.build([*cover, *story(HANDBOOK, body)])


def minutes(path: Path) -> None:
    title = "第三届董事会第八次会议纪要"
    top: list[Flowable] = [
        Paragraph(COMPANY, style(20, 30, alignment=TA_CENTER)),
        Paragraph(title, style(20, 30, alignment=TA_CENTER, spaceAfter=10)),
    ]
    body = style(10.5, 17, firstLineIndent=21, spaceAfter=4)
    pages = Pages(path, COMPANY + title, "云岭智造　董事会文件　YL-BOD-2026-008　内部", cover=False)
    pages.build([*top, *story(MINUTES, body)])


def make(font: Path, folder: Path = FOLDER) -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(font)))
    handbook(folder / "员工手册.pdf")
    minutes(folder / "董事会会议纪要.pdf")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path, required=True, help="TrueType font with Chinese and Latin letters")
    make(parser.parse_args().font)
