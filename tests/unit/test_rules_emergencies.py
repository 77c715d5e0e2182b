"""Which sentences are emergencies, and which only sound like one. All sentences are invented."""

from pathlib import Path

import pytest

from bot.answers.content import read_files
from bot.answers.rules import RuleBook, load_rules
from bot.wording import load_wording
from tests.builders import ROOT

SELF_HARM = """
我不想活了
真的不想活了，工资要不回来家里天天吵
活着没意思了
活着还有什么意思
想死的心都有了
被逼得想死
我想自杀
工友说他要自杀，我该咋办
老板再不给钱我就跳楼
我现在就在楼顶，不给钱我就跳下去
准备去跳河了
干脆喝农药死了算了
不如死了算了
我媳妇留了遗书不见了
他割腕了快来人
要不到钱我就死给他们看
真想一头撞死
我撑不下去了，活不下去了
俺不想活咧，干了一年一分钱没见
想不开了，站在塔吊上
爬到塔吊上要往下跳
孩子他爸要寻短见，拦都拦不住
感觉人生没有希望了，想结束生命
吃了一瓶安眠药
一死了之算了
活够了，啥也不想管了
我去死好了
他说要吊死在厂门口
"""

LIFE = """
救命啊
快来人救命
有人晕倒在车间叫不醒了
工友中暑晕倒了现在怎么办
师傅触电了没反应
我胸口疼喘不上气
他流血不止怎么办
刚才有人煤气中毒倒下了
同事突然抽搐口吐白沫
我爸在工地昏过去了，现在叫不醒
喝了农药现在吐得厉害
人快不行了
没有呼吸了怎么急救
手指刚被切断了血止不住
他被电了一下躺地上不动了
"""

VIOLENCE = """
老板正在打人
包工头带了一帮人要打我们
有人拿刀堵在门口
他说要弄死我
老板威胁要杀我全家
讨薪的时候被老板找人打了，刚报警
主管动手打我，现在还在车间里骂
保安正在殴打工友
我被工头打了，流鼻血
他扬言要找人砍我
几个社会上的人堵着宿舍门要收拾我
威胁我说再告就打断我的腿
老板放狗咬我们
我要砍死这个老板
不给钱就跟他同归于尽
真想拿刀捅了他
气得我想杀人
追着我打，我躲在厕所里
说敢去告就弄我孩子
他们拿铁棍打我们，快点
"""

CHILD = """
我们厂里有个13岁的小孩在干活
饭店里有十四岁的娃端盘子
车间里好几个童工
发现隔壁作坊用童工，怎么举报
老板招了几个不满16岁的学生在流水线上
我今年15岁，在电子厂上班
我儿子十五岁在工地搬砖
有个孩子看着也就十二三岁，在洗车店干活
黑作坊里关着几个未成年的娃做工
我弟才14，被人带去厂里打工
他们让未满十六周岁的孩子上夜班
我闺女15周岁在足疗店打工
小学生在砖窑搬砖
"""

ACCIDENT = """
着火了，车间着火了怎么办
工地塌方了有人埋在里面
刚才脚手架倒了压住人
有人从楼上掉下来了，现在躺着不动
厂里爆炸了
机器把手绞进去了拿不出来
煤气泄漏了好大味道
井下透水了，有人没上来
电梯里困着三个人
现在矿上出事故了，人没出来
工友掉进污水池了快来救人
硫化氢中毒，两个人在池子里没上来
仓库冒浓烟了
吊车倒了砸到人了，赶紧
正在着火，人还在里面
我刚刚从架子上摔下来动不了了
化学品泄漏，好多人头晕恶心
"""

CROWD = """
我们准备去堵厂门
明天大家商量好了去市政府拉横幅
一百多人堵在公司门口要工资
工人都在厂门口聚集，警察来了
大伙儿要罢工了
全车间今天停工不干了，围着老板要钱
我们打算集体上访
两百号人准备去堵路
现在几十个人在工地门口静坐
群里说明天一起去封大门
大家约好周一去人社局门口闹
我们几十个人正围着项目部讨薪
工友们要去政府门口下跪讨薪
组织大家上街游行
"""

CONFINED = """
我们被锁在宿舍里出不去
老板把大门锁了不让我们出去
被关在屋里，手机也收走了
人被扣在公司不让离开
我被骗到园区出不来了
他们派人看着我们，不准出门
把我们围在办公室不让走
被非法拘禁在工厂
我老公被扣在外地厂里回不来
保安拦着大门，签字才放人出去
反锁在车间里加班，门打不开
被限制人身自由了怎么办
身份证手机都被收了，关在山上的砖窑
在缅甸被困住了，不干活就打
女工宿舍铁门锁着，晚上谁也出不去
"""

HARMLESS = """
自杀算工伤吗
员工在宿舍自杀公司要赔偿吗
去年我老公在工地自杀了，单位该不该赔
工友跳楼身亡，家属能要多少赔偿
商场跳楼价甩卖
跳楼大甩卖的兼职工资怎么算
打死也不同意调岗
打死我也不签这个协议
死也不签字行不行
累死累活干一个月才三千
气死我了，老板不给工资
忙死了天天加班
烦死了这个公司
热死了没有高温补贴
饿死了食堂不给饭
吓死我了以为被开除了
要死要活的加班合法吗
这破公司真是坑死人
因工死亡赔多少钱
工亡补助金怎么算
我爸在工地去世了，家属能拿什么
突发疾病死亡算不算工伤
上班时猝死怎么赔
工伤死亡丧葬费谁出
老公车祸去世，公司还欠他工资
去年从脚手架上掉下来摔断了腿，能评几级
三个月前机器压断手指怎么赔
上个月车间着火我被烧伤，能申请工伤吗
触电受伤的伤残等级怎么定
煤气中毒住院了，单位不认工伤
工作时被机器绞伤，已经出院了
中暑算工伤吗
高温中暑单位要负什么责任
晕倒在岗位上算工伤吗
下班路上摔倒晕过去了算工伤不
工地塌方受伤怎么申请工伤
公司发生过爆炸事故，瞒报怎么举报
消防通道被堵怎么举报
安全隐患向谁反映
加班费怎么算
打架被开除有补偿吗
上班和同事打架受伤算工伤吗
跟顾客打起来了，公司说我严重违纪
去年被主管打过，现在还能告他吗
打工三年没签合同
打官司要多少钱
老板打欠条不还
打卡忘了扣我一天工资
打了12345没人管
打算辞职需要提前多久
老板骂我能不能要精神损失
被同事骂了很委屈
公司威胁要开除我
领导威胁我不签就调岗
老板说要告我赔偿损失
老板说要弄我的绩效
杀价太狠，提成少了
被老板炒鱿鱼了
被砍掉了奖金
公司砍了年终奖合法吗
童工是指多少岁以下
多大年龄算童工
使用童工怎么处罚
16岁可以打工吗
我17岁能上夜班吗
孩子15岁放假想打暑假工，可以吗
女儿3岁，育儿假有几天
孩子12岁了还有哺乳假吗
孩子15岁上学要用钱，公司欠薪不发
我15岁就出来打工，现在45了能退休吗
十五年工龄有几天年假
工作了13年能补偿多少
未成年工要体检吗
我有个14岁的娃，单位让我上夜班
集体合同怎么签
集体讨薪怎么推选代表
十几个人一起申请仲裁可以吗
三十多个工友工资被拖欠，一起告行吗
罢工合法吗
参加罢工被开除怎么办
因为停工停产放假了，工资怎么发
公司停工三个月，生活费多少
厂门口被堵车迟到扣钱
公司聚餐受伤算工伤吗
团建的时候游行表演摔伤了
上访有用吗
辞职单位不让走怎么办
公司不放人不批离职
离职交接老板拖着不让走
合同没到期不让走要赔违约金
下班了领导不走我也不敢走
加班到十点不让走合理吗
辞职不让走还扣工资
身份证被公司扣了怎么要回来
公司把我关在群外，不让我打卡
门禁卡被停了进不去公司
被公司拉黑出不了差
公司大门锁了，老板跑路了
厂子关门了工资怎么办
关门倒闭的公司怎么要补偿
电梯维修工需要证吗
电梯坏了爬楼摔伤算工伤吗
救命钱被拖欠，妈妈住院等着用
工资就是我们的救命钱
想死磕到底，仲裁要多久
死磕老板
老板是不是想死拖着不给
我想死心塌地干，公司却裁我
工资被拖死了
想跳槽要提前多久说
跳槽竞业限制怎么办
领导要跳过试用期直接辞退
药厂上班接触农药要体检吗
喷农药中毒算职业病吗
安眠药厂的工人职业病
爬塔吊的师傅工资怎么算
塔吊司机需要什么证
拿刀的岗位，切菜工受伤
刀具厂的工伤
火锅店着火停业，工资还发吗
我们矿上以前透水死过人
消防演练受伤算工伤吗
想不开发票怎么办
老板想不开工资条
公司不想活动经费给我们
活动板房宿舍
我吃住都在厂里，出不去挣外快
在外地干活回不来投票
失业了活得不容易，能领失业金吗
12356是什么电话
110管不管欠薪
要不要打120报销
学生实习受伤怎么办
我没有希望评上职称
被刀划伤手指缝了五针，能报工伤吗
"""


def sentences(block: str) -> list[str]:
    return block.strip().split("\n")


POSITIVE = [
    (kind, sentence)
    for kind, block in {
        "self_harm": SELF_HARM,
        "life": LIFE,
        "violence": VIOLENCE,
        "child": CHILD,
        "accident": ACCIDENT,
        "crowd": CROWD,
        "confined": CONFINED,
    }.items()
    for sentence in sentences(block)
]
KINDS = ("self_harm", "life", "confined", "violence", "accident", "child", "crowd")


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return RuleBook(
        load_rules(ROOT / "content/lexicon/emergencies.yaml"), [], load_wording(ROOT / "content/replies"), "12351"
    )


@pytest.mark.parametrize(("kind", "sentence"), POSITIVE, ids=[f"{k}-{n}" for n, (k, _) in enumerate(POSITIVE)])
def test_current_danger_is_recognised(book: RuleBook, kind: str, sentence: str) -> None:
    found = book.emergencies(sentence)
    related = {"life": {"life", "accident", "self_harm"}, "accident": {"accident", "life"}}.get(kind, {kind})
    assert related & set(found), f"{sentence}: {found}"


@pytest.mark.parametrize("sentence", sentences(HARMLESS), ids=[f"h{n}" for n in range(len(sentences(HARMLESS)))])
def test_what_only_sounds_like_danger_gets_no_notice(book: RuleBook, sentence: str) -> None:
    assert book.emergencies(sentence) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_short_notice_with_a_number_to_call(book: RuleBook, kind: str) -> None:
    words = load_wording(ROOT / "content/replies")
    notice = words(f"emergency.{kind}", hotline="12351")
    assert len(notice) < 120
    assert any(number in notice for number in ("110", "120", "119"))


def test_the_list_of_kinds_is_the_reviewed_one(book: RuleBook) -> None:
    assert {rule.id for rule in load_rules(ROOT / "content/lexicon/emergencies.yaml")} == set(KINDS)


def test_self_harm_notice_names_the_psychological_help_line(book: RuleBook) -> None:
    assert "12356" in book.emergency_notice("我不想活了")


def test_notices_of_two_dangers_come_most_urgent_first_and_never_more_than_two(book: RuleBook) -> None:
    text = "我们被锁在宿舍里出不去，老板拿刀要杀我们，车间还着火了，有人叫不醒"
    notice = book.emergency_notice(text)
    assert len(book.emergencies(text)) > 2
    assert notice.count("\n") == 1


def test_few_ordinary_phrasings_raise_a_false_alarm(book: RuleBook) -> None:
    """Phrasings of the base are ordinary questions; some do describe a danger, most must not."""
    files, _ = read_files(Path(ROOT / "content/faq"))
    phrasings = [text for file in files for text in file.entry.ask]
    alarming = [text for text in phrasings if book.emergencies(text)]
    assert len(alarming) <= len(phrasings) * 0.01, alarming
