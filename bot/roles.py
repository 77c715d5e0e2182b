"""The roles of people, for every part of the program. What each may do stands in the table of each capability."""

from enum import StrEnum


class Role(StrEnum):
    """Whom Gonghui knows."""

    WORKER = "worker"  # 职工：出示登记凭证的人
    OPERATOR = "operator"  # 12351 话务员
    CADRE = "cadre"  # 维权干部
    SUPERVISOR = "supervisor"  # 督办
    LEADER = "leader"  # 领导：只看统计
    PUBLICIST = "publicist"  # 宣传
    ADMINISTRATOR = "administrator"  # 管理员：不看案件内容
