"""Best-effort removal of phone numbers, identity numbers and names from recorded questions.

Redacting twice changes nothing more. It is a second line of defence: the text is sealed anyway.
"""

import re

_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:[0-9]{9}|(?:19|20)[0-9]{2}[0-9]{7}[0-9Xx])(?![0-9Xx])")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){13,18}(?![0-9])")
_PHONE = re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])0[1-9][0-9]{1,2}[ -]?[2-8][0-9]{6,7}(?![0-9])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章苏潘葛奚范彭郎鲁韦昌马苗方俞任袁柳唐罗薛伍余米姚孟顾尹江钟"
    "傅皮齐康贺倪汤滕殷毕郝安常乐于时卞伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危童颜郭梅盛林刁徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫"
    "房解应宗丁宣邓郁单杭洪包诸左石崔吉龚程邢裴陆荣翁荀羊甄曲家封靳储段焦牧车侯班仰仲宁仇甘武符刘景詹束龙叶幸司黎薄印宿白蒲邰从鄂索赖卓蔺屠"
    "蒙池乔苍闻党翟谭贡劳申扶冉桑桂牛寿通边燕浦尚农温庄晏柴瞿阎慕连茹习艾容向古易慎戈廖庾终居衡步都耿满匡文寇广欧师巩聂晁勾冷辛阚那简饶曾关查游竺权"
)
_NAMED = re.compile(
    rf"((?:我叫|名叫|姓名[是：:]?|本人叫|叫做|我是|老板叫|经理叫|老板是)\s*)([{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)"
    r"(?=[，,。；;！!？?、\s]|$|今年|在|是|电话|身份证|男|女|于)"
)


def redact(text: str) -> str:
    """The text with what identifies people replaced by marks such as [手机号]."""
    text = _MAIL.sub("[邮箱]", text)
    text = _ID_NUMBER.sub("[证件号]", text)
    text = _PHONE.sub("[手机号]", text)
    text = _CARD.sub("[卡号]", text)
    text = _LANDLINE.sub("[电话]", text)
    return _NAMED.sub(r"\1[姓名]", text)
