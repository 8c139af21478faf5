"""Addresses of letters: series, what is taken in one go, one letter and its deeds, files, templates."""

from __future__ import annotations

from django.urls import path

from heqing_site.letters import series_views, views

app_name = "letters"
urlpatterns = [
    path("", series_views.home, name="home"),
    path("mine/", views.mine, name="mine"),
    path("series/new/", series_views.open_series, name="open"),
    path("series/<int:key>/", series_views.series, name="series"),
    path("series/<int:key>/run/<str:deed>/", series_views.start, name="start"),
    path("series/<int:key>/words.zip", series_views.words, name="words"),
    path("series/<int:key>/register.xlsx", series_views.register, name="register"),
    path("series/<int:key>/register/", series_views.bring_register, name="bring_register"),
    path("runs/<int:key>/", series_views.run, name="run"),
    path("templates/", series_views.templates, name="templates"),
    path("templates/<str:kind>/", series_views.template, name="template"),
    path("<int:key>/", views.letter, name="letter"),
    path("<int:key>/edit/", views.edit, name="edit"),
    path("<int:key>/sign/<str:side>/", views.sign, name="sign"),
    path("<int:key>/scan/", views.scan, name="scan"),
    path("<int:key>/amend/", views.amend, name="amend"),
    path("<int:key>/do/<str:deed>/", views.act, name="act"),
    path("<int:key>/word/", views.word, name="word"),
    path("<int:key>/versions/<int:number>/", views.version, name="version"),
    path("issues/<int:key>/", views.issued_file, name="issue"),
    path("evidence/<int:key>/", views.evidence, name="evidence"),
]
