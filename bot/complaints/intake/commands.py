"""What steers the dialogue instead of answering it, as people type it: 跳过, 上一步, 改人数, 取消, 继续.

Patterns repeat possessively, and short words are looked for in short texts only: no text takes long.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from bot.complaints.intake.steps import Step

_LONGEST = 300
_LONGEST_COMMAND = 16
_EDGES = " \t\n\u3000。.，,！!？?～~、…:：;；\"'“”‘’（）()【】[]"


class Command(StrEnum):
    """What the worker wants of the dialogue."""

    SKIP = "skip"  # 跳过
    BACK = "back"  # 上一步
    CHANGE = "change"  # 改
    CANCEL = "cancel"  # 取消
    RESUME = "resume"  # 继续
    RESTART = "restart"  # 重新填
    SHOW = "show"  # 看看填了什么
    CLEAR = "clear"  # 清空这一项
    HELP = "help"  # 帮助
    SUBMIT = "submit"  # 提交


@dataclass(frozen=True, slots=True)
class Order:
    """A command, and what is to be corrected where that was said, with its new value."""

    command: Command
    step: Step | None = None
    value: str = field(default="", repr=False)


_POLITE = "(?:请|麻烦|我想要|我想|我要|我|想要|想|要|先|那就|那|就|给我)*+"
_TAIL = "(?:一下|下|这个|这一步|这步|这一项|这项|这题|这条)?+(?:吧|了|啊|呀|哦|嘛|呗|谢谢)*+"

_WORDS: dict[Command, str] = {
    Command.SKIP: (
        "跳过|跳国|跳果|挑过|跳|略过|略|不填|下一步|下一个|下一题|下一项|下步|过|pass|skip|tiaoguo|tg|以后再说|回头再说"
    ),
    Command.BACK: (
        "上一步|上步|上一部|上一个|上一题|上一项|上一条|返回上一步|返回|后退|退回|退一步|回上一步|回到上一步|回去|"
        "shangyibu|back"
    ),
    Command.CANCEL: (
        "取消登记|取消投诉|取消|qx|quxiao|不投诉|不登记|不举报|不弄|不搞|不办|算了|算|退出|结束登记|停止|停|放弃|"
        "撤销|exit|quit|cancel|都不填|全都不填"
    ),
    Command.RESUME: (
        "继续填|继续登记|继续投诉|继续来|继续|接着填|接着来|接着登记|接着投诉|接着|恢复|往下|go on|continue|jixu|jx"
    ),
    Command.RESTART: "重新开始|重来|从头来|从头开始|从头填|重填|重新填|重新登记|重新投诉|重新来|再来一遍|restart",
    Command.SHOW: "看看填了什么|看看填的|看看|查看|预览|填了什么|看填的|看|汇总|核对",
    Command.CLEAR: "清空|清除|删掉|删除|去掉|清掉",
    Command.SUBMIT: "确认提交|直接提交|马上提交|现在提交|提交|tijiao|就填这些|不想填了直接登记|直接登记",
    Command.HELP: (
        "帮助|怎么填|怎么弄|怎么用|什么意思|啥意思|不懂|不会填|不会弄|不明白|看不懂|help|怎么回复|有哪些命令"
    ),
}
_PATTERNS = {command: re.compile(f"{_POLITE}(?:{words}){_TAIL}") for command, words in _WORDS.items()}

_LABELS: dict[Step, str] = {
    Step.PASSING_ON: "转办|转交|转给|转单位|转其他单位",
    Step.SENSITIVE_DATA: "敏感信息|敏感",
    Step.CONFIDENTIALITY: "匿名|保密|实名|登记方式|保密方式|公开方式|方式",
    Step.CATEGORY: "类别|类型|分类|事项|方面|哪方面|哪类",
    Step.EMPLOYER: "单位|公司|厂|工厂|老板|用人单位|单位名|单位名称|公司名|公司名称|厂名|名称|工会",
    Step.DISTRICT: "地区|县区|区县|县|区|地点|地方|地址|位置",
    Step.NARRATIVE: "情况|经过|内容|事情|说明|情况说明|描述|事情经过",
    Step.SINCE: ("时间|日期|开始时间|日子|什么时候|起始时间|发生时间|入职时间|入职日期|上班时间|通知时间"),
    Step.ACCIDENT: "受伤时间|受伤日期|受伤|事故时间|事故日期|出事时间|诊断时间|确诊时间",
    Step.EMPLOYED: "在职|在岗|在不在职|工作状态|是否在职|在职情况|还在不在干",
    Step.LEFT: "离职时间|离职日期|离开时间|离职|走的时间|离开日期",
    Step.PEOPLE: "人数|人|多少人|几个人|工友数",
    Step.MONEY: "金额|钱|钱数|数额|数目|款数|多少钱|欠款|工资数",
    Step.WISH: "诉求|要求|愿望|想要的|希望|结果",
    Step.CONTACT: "联系方式|电话|手机|手机号|姓名|名字|联系人|电话号码|号码|联系电话|怎么联系",
    Step.FILES: "照片|图片|附件|材料|证据|相片",
    Step.NOTICES: "提醒|通知|消息提醒",
}
_LABEL_OF = {word: step for step, words in _LABELS.items() for word in words.split("|")}
_LABEL = "|".join(sorted(map(re.escape, _LABEL_OF), key=len, reverse=True))
_CHANGE_WORD = "修改|更改|更正|改正|纠正|改一下|改下|改改|改|变更|换"
_WRONG = "写错|填错|说错|打错|错|不对|有误|不准|弄错|搞错"
_TO = "(?:[,:： ]|改成|改为|成|为|换成|应该是|应是|应为|是)++"
_CHANGE_ALONE = re.compile(
    f"{_POLITE}(?:{_CHANGE_WORD}|(?:有的|有地方|有个地方|有一项|有|刚才|前面)?(?:{_WRONG}))(?:一项|几项|内容)?{_TAIL}"
)
_CHANGE = (
    re.compile(rf"{_POLITE}(?:{_CHANGE_WORD})(?:一下)? ?(?P<label>{_LABEL})(?:吧|了|一下)?(?:{_TO}(?P<value>.+))?"),
    re.compile(
        rf"(?:我的|我|那个|这个)?(?P<label>{_LABEL})(?:{_WRONG})了?,? ?(?:应该是|应是|是|改成|改为)?(?P<value>.*)"
    ),
    re.compile(rf"(?:把|将)?(?P<label>{_LABEL})(?:改成|改为|换成|更正为|修改为|应该是|应为)(?P<value>.+)"),
    re.compile(rf"(?:把|将)?(?P<label>{_LABEL})(?:要|得|需要)?(?:改|修改|更正|换)(?:一下|下)?(?P<value>)"),
)

_YES = re.compile(
    "(?:我|都|全部|全|是这样|是的|是|嗯|对|好嘞|好|行|可以|可|能|没错|没问题|没毛病|正确|同意|愿意|要|需要|就这样|就是|"
    "准确|确认|okay|ok|yes|y|的|吧|了|啊|呀|呢|哦|哈|中|管|得|[,，。 ])++"
)
_SIGH = re.compile("(?:我|都|全|全部|嗯|的|吧|了|啊|呀|呢|哦|哈|得|能|要|[,，。 ])++")
_PARTICLES = re.compile("(?:我|都|全|全部|的|吧|了|啊|呀|呢|哦|哈|得|[,，。 ])++")
"""Words of a yes that are none by themselves; and those that are too little where a consent is wanted."""
_WANTED = re.compile("要(?:的|提醒|啊|吧)?")
_NO = re.compile(
    "(?:我|都|全)?(?:不同意|不行|不可以|不愿意|不愿|不要|不用|不需要|不必|不对|不是|不准确|不准|拒绝|否|没有|都不|"
    "不了|不转|不提醒|不可|算了|错了|错|有错|有不对的|有不对|不全对|不太对|别|不|no|n)(?:[吧了啊呀的,，]|谢谢)*+"
)
_UNKNOWN = re.compile(
    "(?:我|这个|这|真的|真|也)*+(?:不知道|不清楚|不晓得|不记得|记不得|记不清|忘了|忘记|说不清|说不好|不好说|不确定|没法说|"
    "没数|不想留|不用留|不留|不方便透露|不方便说|不方便|不想说|不涉及|暂时没有|都没有|没有|没了|没|无|暂无|不了解|不知|不懂|不说)"
    "(?:了|呢|啊|呀|吧|具体|多少|是谁|叫什么|哪天|全称|名字|名称|涉及|关系)*+"
)
_DONE = re.compile(
    "(?:我|先|就|都|暂时|目前)*+(?:没有了|没了|没有别的|没有其他的|没有其他|没有补充|没有照片|没有图|没有|没别的|没其他的|没其他|"
    "没补充|没照片|没图|没啥|没什么|没|说完|发完|写完|传完|完|就这些|就这么多|就这样|就这|这些|好的|好|行|可以|结束|不补充|"
    "不用|不发|不传|齐|够|ok|下一步|下一个|继续|1|一)(?:了|啦|吧|的|要说的|补充|可说的)*+"
)


def fold(text: str) -> str:
    """The text as commands are looked for: half width, lower case, without marks at its edges."""
    return unicodedata.normalize("NFKC", text[:_LONGEST]).lower().strip(_EDGES)


def read_order(text: str) -> Order | None:
    """The command that the text is; None when it is none."""
    folded = fold(text)
    if len(folded) <= _LONGEST_COMMAND:
        for command, pattern in _PATTERNS.items():
            if pattern.fullmatch(folded):
                return Order(command)
        if _CHANGE_ALONE.fullmatch(folded):
            return Order(Command.CHANGE)
    for pattern in _CHANGE:
        if match := pattern.fullmatch(folded):
            return Order(Command.CHANGE, _LABEL_OF[match["label"]], (match["value"] or "").strip(_EDGES))
    return None


def reads_as_resuming(text: str) -> bool:
    """Whether the worker wants to go on with what was left."""
    order = read_order(text)
    return order is not None and order.command is Command.RESUME


def says_yes(text: str) -> bool | None:
    """Yes, no, or neither."""
    folded = fold(text)
    if not folded or len(folded) > _LONGEST_COMMAND:
        return None
    if _NO.fullmatch(folded):
        return False
    return True if _YES.fullmatch(folded) and not _PARTICLES.fullmatch(folded) else None


def agrees(text: str) -> bool | None:
    """Yes where a consent is asked for: 嗯 and 哦 may mean that somebody listens."""
    said = says_yes(text)
    folded = fold(text)
    if said is not True or _WANTED.fullmatch(folded):
        return said
    return None if _SIGH.fullmatch(folded) else True


def says_unknown(text: str) -> bool:
    """Whether the worker does not know, or has nothing to say on it."""
    folded = fold(text)
    return len(folded) <= _LONGEST_COMMAND and _UNKNOWN.fullmatch(folded) is not None


def says_done(text: str) -> bool:
    """Whether nothing more is to be told."""
    folded = fold(text)
    return len(folded) <= _LONGEST_COMMAND and _DONE.fullmatch(folded) is not None
