"""A folder of 10,000 small documents and one of 1,000 reports, read by `heqing read`: time and memory.

    python benchmarks/reading_folder.py [--small 10000] [--large 1000] [--jobs 2] [--folder DIR]

The documents are made first, all different: notices of 600 characters, reports of 20,000; one in a hundred is damaged.
While the command runs, the memory of its processes is looked at twice a second (Linux only); it is told for each
quarter of the run, so that growth would be seen. The short version of this run is
``tests/heqing/reading/test_read_folder.py``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

PLACES = ["东溪镇", "西塘镇", "柳湾村", "南桥街道", "北山乡", "城关镇", "云岭街道", "石门镇"]
SENTENCES = [
    "确保空气质量优良天数比例达到{0}%以上，力争PM2.5平均浓度控制在{1}微克/立方米以内",
    "{2}新建污水管网{0}公里，改造雨污合流管网{1}公里，完成农村生活污水治理{0}个村",
    "国控断面水质优良比例保持100%，{2}断面稳定达到Ⅲ类",
    "全年完成营造林{0}万亩，{2}建成绿道{1}公里",
    "要进一步压实责任，加强部门协作，推动各项任务落地见效",
    "规模以上工业增加值增长{1}.{0}%，单位地区生产总值能耗下降{1}%",
    "加快推进{2}片区开发，完成投资{0}.{1}亿元",
    "坚持以习近平生态文明思想为指导，牢固树立和践行绿水青山就是金山银山的理念，统筹推进高质量发展和高水平保护",
    "{2}要严格落实主体责任，健全常态化巡查机制，及时发现问题、及时整改到位，切实增强人民群众的获得感",
    "会议强调，各级各部门要提高站位、凝聚共识，把各项工作抓紧抓实抓细，以实际行动守护好碧水蓝天净土",
    "要加强宣传引导，畅通举报渠道，广泛动员社会力量参与，形成人人关心、人人支持、人人监督的良好氛围",
    "部分工业园区管网建设相对滞后，个别企业环境管理水平不高，生态环境质量持续改善的基础还不够牢固",
    "坚持问题导向和目标导向相统一，围绕重点区域、重点行业、重点时段，精准施策、分类治理、久久为功",
]


def paragraphs(chance: Random, characters: int) -> Iterator[str]:
    """Make paragraphs until there are so many characters."""
    yield f"{chance.choice(PLACES)}{chance.randrange(2018, 2027)}年生态环境保护工作情况报告"
    made, number = 0, 0
    while made < characters:
        number += 1
        said = [
            chance.choice(SENTENCES).format(chance.randrange(2, 99), chance.randrange(2, 40), chance.choice(PLACES))
            for _ in range(6)
        ]
        paragraph = f"（{number}）" + "。".join(said) + "。"
        made += len(paragraph)
        yield paragraph


def fill(folder: Path, count: int, characters: int, seed: int) -> None:
    """Write documents in different encodings and forms, a hundred to a folder."""
    chance = Random(seed)  # noqa: S311 - no secret hangs on it
    for number in range(count):
        place = folder / f"{number // 100:04}"
        place.mkdir(parents=True, exist_ok=True)
        text = "\n".join(paragraphs(chance, characters))
        match number % 10:
            case 0:
                page = f"<html><body><div>分享到：</div><p>{text.replace(chr(10), '</p><p>')}</p></body></html>"
                (place / f"{number}.html").write_text(page, encoding="utf-8")
            case 1 | 2:
                (place / f"{number}.txt").write_bytes(text.encode("gb18030"))
            case 3 if number % 100 == 3:
                (place / f"{number}.docx").write_bytes(b"PK\x03\x04" + text.encode()[:200])
            case _:
                (place / f"{number}.txt").write_text(text, encoding="utf-8")


def memory_of(pid: int) -> tuple[int, int]:
    """Give the resident memory of a process and the largest of its children [MB]."""
    children = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return _resident(pid), max((_resident(child) for child in children), default=0)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except OSError:
        return 0


def measure(folder: Path, jobs: int) -> None:
    """Run the command over a folder and print what it took."""
    command = [
        str(Path(sys.executable).with_name("heqing")),
        "read",
        str(folder),
        "--format",
        "jsonl",
        "--jobs",
        str(jobs),
    ]
    seen: list[tuple[int, int]] = []
    began = time.monotonic()
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(command, stdout=nowhere, stderr=said)
        while running.poll() is None:
            try:
                seen.append(memory_of(running.pid))
            except OSError:
                break
            time.sleep(0.5)
        running.wait()
        said.seek(0)
        lines = said.read().splitlines()
    print(f"{folder.name}: {time.monotonic() - began:.0f} s, exit {running.returncode}")
    print("\n".join(f"  {line}" for line in lines[-2:]))
    for quarter in range(4):
        part = seen[len(seen) * quarter // 4 : len(seen) * (quarter + 1) // 4]
        if part:
            command_mb, worker_mb = (max(seen_at[n] for seen_at in part) for n in (0, 1))
            print(f"  quarter {quarter + 1}: command {command_mb} MB, largest worker {worker_mb} MB")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--small", type=int, default=10_000)
    asked.add_argument("--large", type=int, default=1_000)
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--folder", type=Path)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="heqing-folder-") as made:
        folder = said.folder or Path(made)
        for name, count, characters in (("small", said.small, 600), ("large", said.large, 20_000)):
            if count:
                fill(folder / name, count, characters, seed=count)
                measure(folder / name, said.jobs)


if __name__ == "__main__":
    main()
