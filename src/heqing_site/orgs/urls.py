"""Addresses of units, people and rights."""

from __future__ import annotations

from django.urls import path

from heqing_site.orgs import group_views, sheet_views, views

app_name = "orgs"
urlpatterns = [
    path("units/", views.units, name="units"),
    path("units/add/", views.add_unit, name="add_unit"),
    path("units/<int:key>/", views.unit, name="unit"),
    path("units/<int:key>/rename/", views.rename_unit, name="rename_unit"),
    path("units/<int:key>/move/", views.move_unit, name="move_unit"),
    path("units/<int:key>/close/", views.close_unit, name="close_unit"),
    path("units/<int:key>/merge/", views.merge_unit, name="merge_unit"),
    path("units/<int:key>/posts/add/", views.add_post, name="add_post"),
    path("posts/<int:key>/", views.post, name="post"),
    path("posts/<int:key>/succeed/", views.succeed, name="succeed"),
    path("posts/<int:key>/appoint/", views.appoint, name="appoint"),
    path("terms/<int:key>/end/", views.end_term, name="end_term"),
    path("people/", views.people, name="people"),
    path("people/add/", views.add_person, name="add_person"),
    path("people/<int:key>/", views.person, name="person"),
    path("people/<int:key>/amend/", views.amend_person, name="amend_person"),
    path("people/<int:key>/close/", views.close_person, name="close_person"),
    path("people/<int:key>/password/", views.password, name="password"),
    path("people/<int:key>/grants/add/", views.add_grant, name="add_grant"),
    path("people/<int:key>/tokens/", views.tokens, name="tokens"),
    path("people/<int:key>/tokens/add/", views.add_token, name="add_token"),
    path("tokens/<int:key>/revoke/", views.revoke_token, name="revoke_token"),
    path("grants/<int:key>/revoke/", views.revoke_grant, name="revoke_grant"),
    path("groups/", group_views.leading_groups, name="groups"),
    path("groups/add/", group_views.found_group, name="found_group"),
    path("groups/<int:key>/", group_views.group, name="group"),
    path("groups/<int:key>/office/", group_views.move_office, name="move_office"),
    path("groups/<int:key>/dissolve/", group_views.dissolve_group, name="dissolve_group"),
    path("groups/<int:key>/seats/add/", group_views.seat_post, name="seat_post"),
    path("groups/<int:key>/meetings/add/", group_views.hold_meeting, name="hold_meeting"),
    path("seats/<int:key>/end/", group_views.unseat_post, name="unseat_post"),
    path("resolutions/<int:key>/amend/", group_views.amend_resolution, name="amend_resolution"),
    path("sheets/<str:what>/", sheet_views.bring, name="bring"),
    path("sheets/<str:what>/template/", sheet_views.template, name="sheet_template"),
    path("sheets/<str:what>/export/", sheet_views.export, name="sheet_export"),
]
