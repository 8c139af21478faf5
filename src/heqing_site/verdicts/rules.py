"""Words of verdicts: how each kind of promise is judged, and what its gap is measured in. Plain Python: no Django.

Thresholds stand in the rulebook's light schemes; see ``heqing.verdicts.schemes``.
"""

from __future__ import annotations

from heqing.verdicts import Kind

METHODS = {
    Kind.MEAN: "期内平均值：余下日子还能拉回或拉垮，看余下日子须保持的平均值",
    Kind.LEVEL: "按现值直接比较",
    Kind.PERCENTILE: "百分位数：按现值比较，同时看超过目标值的天数还容许多少",
    Kind.DAY_RATIO: "达标天数占比：看还须多少个达标日、还能有几天不达标",
    Kind.DAY_COUNT: "天数累计：每天最多一天",
    Kind.RATIO: "比率按现值直接比较，能数个数的同时看还差几个、还容许几个",
    Kind.AMOUNT: "从零累计：按时序（有分月计划的按计划，没有的逐日均摊）比进度",
    Kind.CHANGE: "与基数比较变化",
    Kind.KEEP_AT: "保持不变差",
    Kind.GRADE: "等次或名次按档比较",
    Kind.DEED: "办没办成，看期限",
}
WINDOWS = {
    "ten_days": "逐旬评定",
    "month": "逐月评定",
    "quarter": "逐季评定",
    "half_year": "逐半年评定",
    "year": "逐年评定",
}
MEASURES = {
    "chance_lost": "预测不能完成的可能性（%）",
    "schedule_points": "落后时序（百分点）",
    "mean_percent": "余下日子须改善的幅度（%）",
    "day_ratio_points": "余下日子达标率须提高（百分点）",
    "ratio_points": "与目标值的差（百分点）",
    "level_percent": "与目标值的差（%）",
    "change_points": "与目标变幅的差（百分点）",
    "grade_steps": "差几等（名、级）",
    "days_late": "超过期限的天数（负数为提前）",
}
REMAINING = {
    "mean": "余下日子的平均值界限",
    "amount": "还差",
    "allowance": "余量",
    "days": "还须达标日",
    "things": "还差个数",
}
