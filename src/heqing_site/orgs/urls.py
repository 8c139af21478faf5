"""Addresses of units, people and rights."""

from __future__ import annotations

from django.urls import path

from heqing_site.orgs import views

app_name = "orgs"
urlpatterns = [
    path("units/", views.units, name="units"),
    path("units/add/", views.add_unit, name="add_unit"),
    path("units/<int:key>/", views.unit, name="unit"),
    path("units/<int:key>/rename/", views.rename_unit, name="rename_unit"),
    path("units/<int:key>/move/", views.move_unit, name="move_unit"),
    path("units/<int:key>/close/", views.close_unit, name="close_unit"),
    path("units/<int:key>/posts/add/", views.add_post, name="add_post"),
    path("posts/<int:key>/appoint/", views.appoint, name="appoint"),
    path("terms/<int:key>/end/", views.end_term, name="end_term"),
    path("people/", views.people, name="people"),
    path("people/add/", views.add_person, name="add_person"),
    path("people/<int:key>/", views.person, name="person"),
    path("people/<int:key>/close/", views.close_person, name="close_person"),
    path("people/<int:key>/password/", views.password, name="password"),
    path("people/<int:key>/grants/add/", views.add_grant, name="add_grant"),
    path("people/<int:key>/tokens/", views.tokens, name="tokens"),
    path("people/<int:key>/tokens/add/", views.add_token, name="add_token"),
    path("tokens/<int:key>/revoke/", views.revoke_token, name="revoke_token"),
    path("grants/<int:key>/revoke/", views.revoke_grant, name="revoke_grant"),
]
