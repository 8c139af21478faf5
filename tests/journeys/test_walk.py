"""The walk: from a speech to a signed bulletin, in a browser, on the invented district, at two widths.

It drives the product as people do: the installed command makes the district and serves it, Debian's Chromium opens the
pages. Without that browser the walk is skipped, and fails where ``CI=true``.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CALL = "from heqing.cli.main import run; run()"
PASSWORD = "qinglan-yanshi"
SIZES = {"desktop": (1280, 900), "phone": (360, 740)}
SPEECH = """在青澜区治水推进会上的讲话
（演示文件：本文为虚构）

区水务局
{year}年2月10日

一、加快建设。由区水务局负责，{year}年新建生态缓冲带{length}公里，新建湿地{area}亩。

二、守住底线。由区生态环境局负责，{year}年PM2.5平均浓度控制在24微克/立方米以内，整治高耗低效企业90家。
"""


def _browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        said = "the walk needs Debian's chromium on the PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEQING_", "DJANGO_"))}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the invented district once."""
    folder = tmp_path_factory.mktemp("district") / "data"
    made = subprocess.run(
        [sys.executable, "-c", CALL, "demo", "--no-serve", "--months", "3", "--data-dir", str(folder)],
        env=_environ(), capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@pytest.fixture(params=list(SIZES))
def walker(request: pytest.FixtureRequest, district: Path, tmp_path: Path) -> Iterator[Walker]:
    """Serve a copy of the district and open a browser of one size."""
    folder = tmp_path / "data"
    shutil.copytree(district, folder)
    chromium = _browser()
    server = subprocess.Popen(
        [sys.executable, "-c", CALL, "serve", "--port", "0", "--data-dir", str(folder)],
        env=_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        address = next(found[0] for line in server.stdout if (found := re.search(r"http://[0-9.:]+", line)))
        with sync_playwright() as tool:
            browser = tool.chromium.launch(
                executable_path=chromium,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
            )
            width, height = SIZES[request.param]
            yield Walker(browser, address, width, height, folder)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=20)


class Walker:
    """Whoever walks: one browser, a page for each person."""

    def __init__(self, browser: Any, address: str, width: int, height: int, folder: Path) -> None:
        self.browser, self.address, self.width, self.height, self.folder = browser, address, width, height, folder
        self.pages: dict[str, Page] = {}

    def person(self, name: str) -> Page:
        """Give the page of a person, logged in."""
        if name not in self.pages:
            context = self.browser.new_context(
                viewport={"width": self.width, "height": self.height}, locale="zh-CN", accept_downloads=True
            )
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{self.address}/login/")
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button:has-text('登录')")
            page.wait_for_url(f"{self.address}/")
            self.pages[name] = page
        return self.pages[name]

    def open(self, name: str, path: str) -> Page:
        """Open an address as a person; the page answers, says that it is invented, and is no wider than the screen."""
        page = self.person(name)
        answer = page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        self.look(page)
        return page

    def look(self, page: Page) -> None:
        """Check what every page keeps."""
        assert "演示数据" in page.inner_text("body")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{page.url} is {wide} px wide on a screen of {self.width}"


def test_from_a_speech_to_a_signed_bulletin(walker: Walker) -> None:
    year = _year()
    speech = SPEECH.format(year=year, length=40, area=300)

    # 2. the document: upload, accept, correct, reject
    page = walker.open("shengtai", "/library/")
    page.set_input_files(
        "input[type=file]", {"name": "推进会讲话.txt", "mimeType": "text/plain", "buffer": speech.encode()}
    )
    page.click("button:has-text('上传并解读')")
    page.wait_for_url(re.compile(r"/library/\d+/"))
    document = re.findall(r"/library/(\d+)/", page.url)[0]
    cards = page.locator("article.finding")
    assert cards.count() == 4
    assert "新建生态缓冲带40公里" in page.inner_text("main").replace(" ", "")
    cards.filter(has_text="缓冲带").locator("button:has-text('采纳')").first.click()
    page.locator("article.finding.accepted").filter(has_text="缓冲带").wait_for(state="attached")
    page.locator("article.finding").filter(has_text="PM2.5").locator("button:has-text('采纳')").first.click()
    page.locator("article.finding.accepted").filter(has_text="PM2.5").wait_for(state="attached")
    page.locator("article.finding").filter(has_text="湿地").locator("a:has-text('更正')").click()
    correcting = page.locator("form.correcting")
    correcting.locator("input[name=value]").fill("320")
    correcting.locator("[name=because]").fill("按会议纪要更正")
    correcting.locator("button.main").click()
    page.locator("article.finding.accepted").filter(has_text="湿地").wait_for(state="attached")
    walker.open("shengtai", f"/library/{document}/")
    reject = page.locator("article.finding").filter(has_text="高耗低效")
    reject.locator("[data-deed=reject]").click()
    page.locator("form.rejecting input[name=other]").fill("与区委讲话重复")
    page.locator("form.rejecting button:has-text('不采纳')").click()
    page.wait_for_selector("article.finding.rejected", state="attached")

    # 3. owner and source of truth
    page = walker.open("shengtai", f"/ledger/adopt/{document}/")
    like = page.locator("#repeated tbody tr")
    # the PM2.5 of the speech is another number than that of the ledger: nothing merges by itself
    assert like.count() == 1
    assert "PM2.5" in like.inner_text()
    like.locator("button:has-text('另立')").click()
    page.wait_for_load_state()
    page = walker.open("shengtai", f"/ledger/adopt/{document}/")
    page.click("main .adopt-bar button:has-text('采纳')")
    page.wait_for_url(re.compile("/ledger/"))
    walker.look(page)
    assert "已采纳 2 项目标" in page.inner_text("body")
    page = walker.open("shengtai", f"/ledger/?document={document}")
    rows = page.locator("table.ledger tbody tr:not(.group)")
    assert rows.count() == 3
    buffer_row = rows.filter(has_text="缓冲带")
    number = re.findall(r"/ledger/targets/(\d+)/", buffer_row.locator("a").first.get_attribute("href") or "")[0]
    walker.open("shengtai", f"/ledger/targets/{number}/lead/")
    page.select_option("select[name=unit]", label=page.locator("option", has_text="区水务局").first.inner_text())
    page.fill("[name=because]", "讲话中点名区水务局")
    page.click("main form button.main")
    page.wait_for_load_state()
    walker.look(page)
    assert "区水务局" in page.inner_text("main")
    walker.open("shengtai", f"/ledger/targets/{number}/source/")

    # 4. reported values, with evidence, checked by another unit
    page = walker.open("shuiwu", "/reporting/")
    line = _leaf_to(page, page.locator(f"article.owe[data-key^='{number}.']"))
    line.locator("input[inputmode=decimal]").fill("3")
    line.locator("input[type=file]").first.set_input_files(
        {"name": "现场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"0" * 60}
    )
    line.locator("button:has-text('提交这一项')").click()
    page.wait_for_load_state()
    walker.look(page)
    page = walker.open("ducha", "/reporting/check/")
    desk = _leaf_to(page, page.locator("article.owe").filter(has_text=f"目标 {number}"))
    desk.locator("button:has-text('审核通过')").click()
    page.wait_for_load_state()

    # 5. instruments: a correction of one hour and a row that is no number
    page = walker.open("shengtai", "/monitoring/")
    eve = datetime.now().astimezone().date() - timedelta(days=2)  # noqa: TID251  the district lives today
    rows = f"city,station,time,pm2_5\n青澜区,澜中站,{eve} 08:00,77\n青澜区,澜中站,{eve} 09:00,约三十\n"
    page.set_input_files("input[type=file]", {"name": "更正.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.click("main form.import button:has-text('导入')")
    page.wait_for_url(re.compile(r"/monitoring/imports/"))
    walker.look(page)
    told = page.inner_text("main")
    assert "77" in told
    assert "约三十" in told

    # 6. the verdict: far behind schedule is red, and says why down to the report
    page = walker.open("shengtai", "/ledger/")
    page.click("button:has-text('现在研判')")
    page.wait_for_load_state()
    assert "已研判" in page.inner_text("body")
    page = walker.open("shengtai", f"/ledger/targets/{number}/")
    assert "为什么是这个灯" in page.inner_text("main")
    page = walker.open("shengtai", f"/verdicts/{number}/")
    assert "预警" in page.inner_text("h1")
    assert "区水务局" in page.inner_text("main")
    page.click(f"main a[href*='/library/{document}/']")
    page.wait_for_load_state()
    assert "#f" in page.url

    # 7. the case: assigned, rectified with evidence, verified by another, closed
    page = walker.open("ducha", f"/ledger/targets/{number}/")
    page.click("main a[href^='/cases/']")
    page.wait_for_load_state()
    case = re.findall(r"/cases/(\d+)/", page.url)[0]
    page.click("main section.doing button:has-text('交办')")
    page.wait_for_load_state()
    page = walker.open("shuiwu", f"/cases/{case}/")
    _do(page, "签收")
    page = walker.open("shuiwu", f"/cases/{case}/")
    form = page.locator("section.doing form").first
    form.locator("textarea").first.fill("已倒排工期，缓冲带三标段全部进场")
    form.locator("input[type=file]").first.set_input_files(
        {"name": "进场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"1" * 60}
    )
    form.locator("button").last.click()
    page.wait_for_load_state()
    assert "核查" in page.inner_text("main section.now")
    page = walker.open("ducha", f"/cases/{case}/")
    form = page.locator("section.doing form").first
    form.locator("textarea").first.fill("现场核查属实")
    form.locator("button").last.click()
    page.wait_for_load_state()
    page = walker.open("ducha", f"/cases/{case}/")
    form = page.locator("section.doing form").first
    if form.locator("textarea").count():
        form.locator("textarea").first.fill("同意销号")
    form.locator("button").last.click()
    page.wait_for_load_state()
    assert "已销号" in page.inner_text("main section.now")

    # 8. the scorecard: a lost point opens to its cause
    page = walker.open("ducha", "/scores/")
    assert "扣分" in page.inner_text("main")
    page.locator("main a:has-text('目标进度')").first.click()
    page.wait_for_load_state()
    walker.look(page)

    # 9. the bulletin: approved by the leader, issued, its file as it was issued
    page = walker.open("quzhang", "/publishing/bulletins/")
    page.locator("tr").filter(has_text="待审签").locator("a").first.click()
    page.wait_for_load_state()
    bulletin = page.url.removeprefix(walker.address)
    page.click("button:has-text('审签同意')")
    page.wait_for_load_state()
    page = walker.open("ducha", bulletin)
    page.click("button:has-text('编号并印发')")
    page.wait_for_load_state()
    walker.look(page)
    assert "已印发" in page.inner_text("main")
    with page.expect_download() as arriving:
        page.click("a:has-text('Word')")
    paper = docx.Document(io.BytesIO(Path(arriving.value.path()).read_bytes()))
    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "演示" in words
    assert "通报" in words

    # 10. the cockpit and the map
    page = walker.open("quzhang", "/publishing/cockpit/")
    assert "哪些目标要落空" in page.inner_text("main")
    walker.open("quzhang", "/publishing/map/")

    # 11. why: one click down from the cockpit
    page = walker.open("quzhang", "/publishing/cockpit/")
    page.locator("main a[href*='/verdicts/'], main a[href*='/ledger/targets/']").first.click()
    page.wait_for_load_state()
    walker.look(page)


def _year() -> int:
    """Give the year whose targets owe a report by now: the one of the last month that ended."""
    today = datetime.now().astimezone()  # noqa: TID251  the district lives today
    return today.year if today.month > 2 else today.year - 1


def _leaf_to(page: Page, wanted: Locator) -> Locator:
    """Turn the pages of a list until something is there."""
    while wanted.count() == 0 and page.locator("a.chip:has-text('下一页')").count():
        page.click("a.chip:has-text('下一页')")
        page.wait_for_load_state()
    return wanted


def _do(page: Page, word: str) -> None:
    """Press the one action that waits, when it is called so."""
    button = page.locator(f"section.doing button:has-text('{word}')")
    if button.count():
        button.first.click()
        page.wait_for_load_state()
