"""The tour leads each word of the documents to a page, also where the installation holds nothing yet."""

from __future__ import annotations

from django.urls import reverse

from heqing_site.web import tour

WORDS = (  # that the documents use and an office looks for
    "目标任务书", "承诺书", "时间表、路线图、责任分工", "清单式管理", "项目化推进", "挂图作战", "一河一策", "一企一策",
    "一点一策", "六即", "拿地即开工", "六证联发", "工改", "河长制", "门长制", "一本账", "民生实事",
)  # fmt: skip


def test_every_word_has_its_page_in_an_empty_installation(district, open_as):
    stops = [stop for _, found in tour.stops() for stop in found]
    page = open_as(district.officer).get(reverse("tour")).content.decode()

    assert set(WORDS) <= {stop.word for stop in stops}
    for stop in stops:
        assert stop.page in page
        assert stop.example == ""


def test_every_page_of_the_tour_opens(district, open_as):
    browser = open_as(district.site_admin)

    for address in sorted({stop.page for _, found in tour.stops() for stop in found}):
        assert browser.get(address).status_code == 200, address
