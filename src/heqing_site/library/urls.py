"""Addresses of documents and findings."""

from __future__ import annotations

from django.urls import path

from heqing_site.library import views

app_name = "library"
urlpatterns = [
    path("", views.documents, name="documents"),
    path("add/", views.add_document, name="add_document"),
    path("<int:key>/", views.document, name="document"),
    path("<int:key>/file/", views.received_file, name="received_file"),
    path("<int:key>/findings/add/", views.add_finding, name="add_finding"),
    path("findings/<int:key>/accept/", views.accept, name="accept"),
    path("findings/<int:key>/reject/", views.reject, name="reject"),
    path("findings/<int:key>/reopen/", views.reopen, name="reopen"),
    path("findings/<int:key>/correct/", views.correct, name="correct"),
]
