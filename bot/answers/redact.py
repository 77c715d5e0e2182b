"""Best-effort removal of what identifies people from recorded questions.

Phone, identity, card and plate numbers, addresses of mail and messengers, and names after words
that announce one. Sums, dates, years and the numbers of documents stay, as questions are about
them. It is a second line of defence: the text is sealed anyway. Redacting twice changes nothing more.
"""

import re

_FOLD = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
"""Full-width signs as half-width ones, character for character."""

_SEP = r"[ \-]?"
_MONTH_DAY = rf"(?:0[1-9]|1[0-2]){_SEP}(?:0[1-9]|[12]\d|3[01])"

_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_ID_NUMBER = re.compile(
    rf"(?<!\d)[1-9]\d{{5}}{_SEP}(?:19|20)\d{{2}}{_SEP}{_MONTH_DAY}{_SEP}\d{{3}}{_SEP}[\dXx\u00d7*](?![\dXx])"
    rf"|(?<!\d)[1-9]\d{{7}}{_MONTH_DAY}\d{{3}}(?!\d)"
)
_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ \-]?)?(?:1[3-9]\d{9}|1[3-9]\d[ \-]\d{4}[ \-]?\d{4}|1[3-9]\d{5}[ \-]\d{4}"
    r"|1[3-9]\d[ \-]\d{3}[ \-]\d{5}|1(?: [3-9])(?: \d){9})(?!\d)"
    r"|[幺一][三四五六七八九][零\u3007幺一二三四五六七八九]{9}(?![零\u3007幺一二三四五六七八九十百千万])"
)
_CARD = re.compile(r"(?<!\d)(?:\d{16,19}|\d{4}(?:[ \-]\d{4}){3}(?:[ \-]\d{1,3})?)(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)[(]?0(?:10|2\d|[3-9]\d{2})[)]?[ \-]?[2-8]\d{6,7}(?!\d)"
    r"|(?<=电话)(?:号码?)?[是: ]{0,2}[2-8]\d{6,7}(?!\d)"
)
_MESSENGER = re.compile(
    r"((?:微信号?|微信名|威信|薇信|v信|vx|wx|wechat|加v|qq号?|扣扣|企鹅号)(?:号码?)?(?:[是为:= ]|就是|同号){0,3})"
    r"(?:[A-Za-z][A-Za-z0-9_-]{4,19}|[1-9]\d{4,11})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ \u00b7•-]?"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SURNAMES = (
    "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|"
    "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗方俞任袁柳唐罗薛伍余米姚孟顾尹江钟"
    "傅皮齐康贺倪汤滕殷毕郝安常乐于卞伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危童颜郭梅盛林刁徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫"
    "房解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊甄曲封靳储段焦牧车侯班仰仲宁仇甘武符刘景詹束龙叶幸司黎薄印宿白蒲邰鄂索赖卓蔺屠"
    "池乔闻党翟谭贡劳申扶冉桑桂牛寿边燕浦尚农温庄晏柴瞿阎慕连茹习艾容向古易慎戈廖庾终居衡步耿满匡文寇广欧师巩聂晁勾冷辛阚简饶曾关查游竺权付闫肖]"
)
_NOT_A_NAME = (
    "(?:安全|车间|高中|初中|应届|农民|农村|家属|白班|夜班|常白|常年|计件|计时|司机|管理|单位|单县|曹县|单亲|单身|单方|双方|文员|文职|于是|张口|安排|安装|高兴|任意|"
    "万一|时常|常常|经常|马上|何时|包工|包吃|党员|师傅|路过|全职|乐意|强行|强制|成天|成心|成年|项目|曾经|关系|管吃|应该|应当|温州|石家|广东|广州|金融|"
    "武汉|宁波|江苏|江西|云南|山东|贵州|海南|高空|高级|高温|高管|白天|水电|钟点|班长|组长|连续|满勤|童工|华为|和|申请|费用|查无|向来|向我|终于|简直|解除|解雇)"
)
_NAME = rf"(?!{_NOT_A_NAME})(?:{_SURNAMES})[\u4e00-\u9fff]{{1,2}}?"
_END = (
    "(?=[,。;!?、:()\\s]|$|今年|现年|在(?!职|编)|是|电话|手机|身份证|男|女|于|家住|住在"
    "|跑路|欠|拖欠|不给|不发|说|打|被)"
)
_CALLED = (
    r"我叫|名叫|名字叫|名字是|姓名[是为: ]*|本人叫|本人姓名|叫做|真名叫?|申请人[:是为 ]+"
    r"|联系人[:是为 ]*|当事人[:是为 ]+"
)
_WHO = (
    "老板|经理|工头|包工头|法人|法定代表人|负责人|厂长|班长|组长|主管|领导|会计|同事|工友|师傅|队长|人事"
    "|儿子|女儿|老公|丈夫|妻子|老婆|父亲|母亲|爸|妈"
)
_NAMED = re.compile(rf"((?:{_CALLED}|(?:{_WHO})(?:名字|姓名)?(?:叫|是|[:]))\s*){_NAME}{_END}")
_I_AM = re.compile(
    rf"((?:^|[,。;!?、\s])(?:我是|本人)){_NAME}(?<![员工师人的生家长头板])"
    r"(?=[,。;!?、:\s]|$|今年|电话|手机|身份证)"
)
_ROLE = re.compile(
    rf"((?:老板|包工头|工头|法人|厂长|经理|负责人))(?!{_NOT_A_NAME})(?:{_SURNAMES})[\u4e00-\u9fff]{{2}}"
    r"(?=欠|拖欠|跑路|失联|电话|手机|身份证|拒不|不给|不发)"
)
_TITLED = re.compile(rf"(?<![\u4e00-\u9fff])(?!{_NOT_A_NAME})(?:{_SURNAMES})[\u4e00-\u9fff]{{1,2}}(?=先生|女士|同志)")

_STEPS = (
    (_MAIL, "[邮箱]"),
    (_MESSENGER, "[账号]"),
    (_ID_NUMBER, "[证件号]"),
    (_PHONE, "[手机号]"),
    (_CARD, "[卡号]"),
    (_LANDLINE, "[电话]"),
    (_PLATE, "[车牌]"),
    (_NAMED, "[姓名]"),
    (_I_AM, "[姓名]"),
    (_ROLE, "[姓名]"),
    (_TITLED, "[姓名]"),
)


def redact(text: str) -> str:
    """The text with what identifies people replaced by marks such as [手机号]."""
    while True:  # ends: every replacement takes digits, letters or a name away and brings none
        before = text
        for pattern, mark in _STEPS:
            text = _marked(text, pattern, mark)
        if text == before:
            return text


def without_marks(text: str) -> str:
    """The redacted text without the marks: as somebody would have asked who names nobody."""
    for _, mark in _STEPS:
        text = text.replace(mark, "")
    return text


def _marked(text: str, pattern: re.Pattern[str], mark: str) -> str:
    """The text with what the pattern finds replaced; what stands in its first group stays."""
    parts: list[str] = []
    end = 0
    for match in pattern.finditer(text.translate(_FOLD)):  # same length: places agree
        kept = match.end(1) if pattern.groups and match[1] is not None else match.start()
        parts += [text[end:kept], mark]
        end = match.end()
    return "".join([*parts, text[end:]])
