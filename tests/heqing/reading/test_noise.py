"""Page furniture is told by its words and by its place; the words of a document are left alone."""

from __future__ import annotations

import pytest

from heqing.reading import clean
from heqing.reading.noise import find_noise, is_noise

FURNITURE = [
    "分享到：【打印】【关闭】",
    "打印",
    "【字号：",
    "】",
    "验证码：",
    "网站地图",
    "您当前的位置：首页 > 政务公开 > 计划",
    "您的位置:",
    "首页>新闻>要闻",
    "某文库 > 工作报告 > 正文 第4页/共9页",
    "某某会议照片1.jpeg",
    "上一篇：没有了",
    "上一页 1 2 3 下一页",
    "[1] [2] [3] 下一页 尾页",
    "本文地址：/baogao/1.html",
    "留言与评论（共有 条评论）",
    "12 345678",
    "来源：某市水务局 发布时间：2023-05-06 10:20 浏览次数：235 次 字号：[ 大 中 小 ]",
    "2024-10-28 09:54:26 某某素材 点击:xxx次",
    "[打印] [关闭] 分享到:微信 微博",
    "掃一掃在手機打開當前頁 【打印】【關閉】",
    "扫描二维码分享到微信",
    "责任编辑：张某某",
    "编辑：李某 审核：王某",
    "（记者 王某 摄影 李某）",
    "图为会议现场。 记者 王某 摄",
    "主办:某区人民政府 网站标识码:xxxxxxxxxx 备案号:X ICP备********号",
    "Copyright © 2023 某市人民政府 版权所有",
    "地址：某市某路1号 邮编：313000 电话：0572-1234567",
    "网站支持IPv6",
    "无障碍浏览 长者专区 繁体版",
    "首页 机构概况 新闻中心 政务公开 办事服务 互动交流",
    "用户名： 密码： 登录 注册",
    "某某网 会员登录 新用户注册 退出",
    "(阅读全部图文内容,您需要先登录!)",
    "本站内容来源于网络,如有侵权请联系我们。验证码:",
    "特别声明:某某网转载其他网站内容,出于传递更多信息而非盈利之目的,并不代表赞成其观点。",
    "某某娱乐官网_最新娱乐平台",
    "某某视频在线观看_免费大全",
    "将本文的Word文档下载到电脑，方便收藏和打印",
    "http://www.example.gov.cn/art/2023/2/15/art_123.html",
    "$(document).ready(function(){",
    ".TRS_Editor p { margin-top:0; }",
    "Produced By 某系统",
    "- 2 -",
    "索引号：XG53307-2017-0012 | 公开方式：主动公开 | 公开时限：常年公开",
]

DOCUMENT = [
    "一、总体要求",
    "新建污水管网5公里。",
    "各位代表：",
    "某市2026年生态环境工作要点",
    "某政发〔2023〕12号",
    "各县（市、区）人民政府，市政府各部门：",
    "我们要把成果分享给群众，让大家共享绿水青山。",
    "2026年1月20日",
    "2026-02-03 09:02:33",
    "坚持久久为功，一张蓝图绘到底。",
    "来源：某日报",
    "信息来源：市政府",
    "发布日期：2023-05-06",
    "某市人民政府办公室",
    "（此件公开发布）",
    "附件：1.重点任务清单",
    "责任单位：市生态环境局",
    "市长 王示例",
    "抓工程",
    "政务公开",
    "推广“某某办”APP，上线微信小程序3个。",
    "建成二维码门牌12万块",
    "全面推行“扫码入河”巡河制度。",
    "发放体育彩票公益金5亿元",
    "主办：第三届环湖生态论坛",
    "加强广告管理，规范户外广告牌设置。",
    "要用好12345热线，畅通投诉举报电话。",
    "下载使用率达到90%",
    "SO2浓度",
    "优良率85%",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_page_furniture_is_noise(line: str) -> None:
    assert is_noise(clean(line).text)


@pytest.mark.parametrize("line", DOCUMENT)
def test_words_of_the_document_are_no_noise(line: str) -> None:
    assert not is_noise(clean(line).text)


def test_a_paragraph_is_never_a_strip_of_links() -> None:
    prose = (
        "推进首页、登录、搜索、下载、分享等功能适老化改造，让老人用得上。建成无障碍网站3个，浏览更方便。完善帮助中心。"
        * 2
    )
    assert not is_noise(prose)


@pytest.mark.parametrize(
    ("lines", "noise"),
    [
        (["首页", ">", "某市要闻", "某市治水大会召开", "5月6日，某市召开大会。"], [True, True, True, False, False]),
        (["首页", "要闻", "镇街", "打印", "某市治水工作要点", "建好管网。"], [True, True, True, True, False, False]),
        (["某区人民政府门户网站", "某区治水工作要点", "一、目标", "建好管网。"], [True, False, False, False]),
        (["建好管网。", "相关链接", "某县也来治水", "某镇清淤忙"], [False, True, True, True]),
        (["建好管网。", "相关附件：", "附件1.任务清单", "某局"], [False, True, False, False]),
        (["相关报道：", "某县治水", "全县建好管网，清好河道。"], [True, True, False]),
    ],
)
def test_place_tells_names_and_links(lines: list[str], noise: list[bool]) -> None:
    assert find_noise(lines) == noise
