"""Addresses of works: lists, one work and its deeds, desk, progress, slips, board and timetable, pipelines."""

from __future__ import annotations

from django.urls import path

from heqing_site.works import chart_views, desk_views, list_views, views

app_name = "works"
urlpatterns = [
    path("", views.works, name="works"),
    path("desk/", desk_views.desk, name="desk"),
    path("desk/sheet/", desk_views.month_sheet, name="month_sheet"),
    path("desk/bring/", desk_views.bring_month, name="bring_month"),
    path("board/", chart_views.board, name="board"),
    path("timetable/", chart_views.timetable, name="timetable"),
    path("lists/", list_views.lists, name="lists"),
    path("lists/template/", list_views.empty_sheet, name="template"),
    path("lists/<int:number>/", list_views.task_list, name="list"),
    path("lists/<int:number>/new/", views.new, name="new"),
    path("lists/<int:number>/bring/", list_views.bring, name="bring"),
    path("lists/<int:number>/sheet/", list_views.sheet, name="sheet"),
    path("lists/<int:number>/issue/", list_views.issue, name="issue"),
    path("lists/<int:number>/close/", list_views.close, name="close"),
    path("pipelines/", list_views.pipelines, name="pipelines"),
    path("slips/", desk_views.slip_list, name="slips"),
    path("slips/<int:number>/", desk_views.slip, name="slip"),
    path("slips/<int:number>/<str:deed>/", desk_views.act_on_slip, name="act_on_slip"),
    path("papers/<int:key>/", views.paper, name="paper"),
    path("photos/<int:key>/", views.photo, name="photo"),
    path("progress/<int:key>/check/", desk_views.check, name="check"),
    path("contributions/<int:key>/take-back/", views.take_back, name="take_back"),
    path("<int:number>/", views.work, name="work"),
    path("<int:number>/amend/", views.amend, name="amend"),
    path("<int:number>/report/", desk_views.report, name="report"),
    path("<int:number>/paper/", views.add_paper, name="add_paper"),
    path("<int:number>/slip/", views.draw_up_slip, name="draw_up_slip"),
    path("<int:number>/count/", views.count, name="count"),
    path("<int:number>/<str:deed>/", views.act, name="act"),
]
