"""The reader beside a tokenizer: characters a second on one core, in the same run, and a report of 60,000 characters.

    python benchmarks/reading.py [FOLDER] [--rounds 5]

FOLDER holds UTF-8 texts (*.txt); without one a report is made of sentences with other figures in each. jieba only cuts
the text into words; the reader gives findings, measures, facts and noise lines. Both are warmed up first, run in turn,
and the median of the rounds counts, in processor time of this one process. jieba comes with the group `benchmark`.
"""

from __future__ import annotations

import argparse
import logging
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import jieba

from heqing.reading import read

REPORT = 60_000
TOLD = (
    "过去一年，全市空气质量优良天数比例达到{a}.{b}%，较上年提高{b}.{a}个百分点，PM2.5平均浓度降至{a}微克/立方米，保持稳定向好态势。",
    "新建改建市政管网{a}公里，改造老旧小区{b}个、惠及居民{a}{b}户，完成投资{a}.{b}亿元。",
    "大力发展先进制造业，规上工业增加值增长{a}.{b}%左右，培育专精特新企业{a}家以上，力争新增国家级绿色工厂{b}家。",
    "国考断面水质优良比例保持{a}%，黑臭水体基本消除，东溪镇污水处理厂二期建成投用，森林覆盖率提高到{a}.{b}%。",
    "实施乡村建设行动，改厕{a}万座，农村生活污水治理率由{b}%提升至{a}%，建成高标准农田{a}.{b}万亩。",
    "编制完成《东溪流域综合治理规划》，创建省级生态文明建设示范区，入选全国节水型城市名单。",
    "城镇新增就业{a}万人，城镇调查失业率控制在{b}.{a}%以内，居民人均可支配收入增长{b}%，与经济增长同步。",
)
# Most of a report says nothing that could be checked: about one finding in eighty characters, as in those we know.
PLAIN = (
    "我们坚持以人民为中心的发展思想，持续改善城乡面貌，不断提升治理水平，广大干部群众的精神面貌焕然一新。",
    "统筹推进产业转型、环境治理、民生保障和安全发展，以更高标准、更实举措、更大力度抓好各项工作落实。",
    "加强法治政府建设，深化“放管服”改革，优化营商环境，严格落实过紧日子要求，自觉接受各方面监督。",
    "完善生态保护补偿机制，健全河湖长制，强化源头治理，推动形成绿色生产生活方式，守护好一方碧水蓝天。",
    "深入实施创新驱动发展战略，支持龙头企业牵头组建联合体，畅通科技成果转化渠道，营造开放包容的创新生态。",
    "弘扬优秀传统文化，办好群众身边的体育赛事，丰富城乡公共文化供给，让更多居民在家门口享受优质服务。",
    "压实安全生产责任，开展重点行业排查整治，提升基层应急能力，守牢不发生系统性风险的底线。",
)


def make_report(characters: int, *, seed: int = 1) -> str:
    """Make a report of sentences whose figures differ, in paragraphs under numbered headings."""
    draw = random.Random(seed)  # noqa: S311
    out, size, section = ["东溪市2026年政府工作报告\n"], 13, 0
    while size < characters:
        if section % 12 == 0:
            out.append(f"\n（{'一二三四五六七八九十'[section // 12 % 10]}）推进第{section // 12 + 1}方面工作\n")
        section += 1
        out.append(
            draw.choice(TOLD if draw.random() < 0.18 else PLAIN).format(a=draw.randint(10, 99), b=draw.randint(1, 9))
        )
        size += len(out[-1])
    return "".join(out)


def timed(work: Callable[[], object]) -> float:
    """Give the processor seconds of one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Run both over the same texts and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    texts = [p.read_text(encoding="utf-8") for p in sorted(asked.folder.glob("*.txt"))] if asked.folder else []
    texts = texts or [make_report(20_000, seed=n) for n in range(20)]
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    read(texts[0], "warm.txt")
    cut_seconds, read_seconds = [], []
    for _ in range(asked.rounds):
        cut_seconds.append(timed(lambda: [sum(1 for _ in jieba.cut(text)) for text in texts]))
        read_seconds.append(timed(lambda: [read(text, "a.txt") for text in texts]))
    size = sum(map(len, texts))
    cut, ours = size / statistics.median(cut_seconds), size / statistics.median(read_seconds)
    findings = sum(len(read(text, "a.txt").findings) for text in texts)
    print(f"{len(texts)} texts, {size} characters, {findings} findings")
    print(f"jieba.cut     {cut:10,.0f} characters a second")
    print(f"heqing read   {ours:10,.0f} characters a second: {ours / cut:.2f} times as many")
    report = make_report(REPORT)
    seconds = statistics.median(timed(lambda: read(report, "report.txt")) for _ in range(asked.rounds))
    found = len(read(report, "report.txt").findings)
    print(f"one report of {len(report)} characters, {found} findings: {seconds:.2f} seconds")


if __name__ == "__main__":
    main()
