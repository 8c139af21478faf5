"""Addresses of documents and findings."""

from __future__ import annotations

from django.urls import path

from heqing_site.library import views, word_views

app_name = "library"
urlpatterns = [
    path("", views.documents, name="documents"),
    path("add/", views.add_document, name="add_document"),
    path("labels/", word_views.all_labels, name="labels"),
    path("words/", word_views.word_list, name="words"),
    path("words/export/", word_views.export_words, name="export_words"),
    path("words/<int:key>/accept/", word_views.accept_word, name="accept_word"),
    path("words/<int:key>/refuse/", word_views.refuse_word, name="refuse_word"),
    path("words/<int:key>/withdraw/", word_views.withdraw_word, name="withdraw_word"),
    path("names/", views.names, name="names"),
    path("<int:key>/", views.document, name="document"),
    path("<int:key>/undo/", views.undo, name="undo"),
    path("<int:key>/accept/", views.accept_many, name="accept_many"),
    path("<int:key>/line/", word_views.mark_line, name="mark_line"),
    path("<int:key>/labels/", word_views.document_labels, name="document_labels"),
    path("<int:key>/file/", views.received_file, name="received_file"),
    path("<int:key>/findings/add/", views.add_finding, name="add_finding"),
    path("findings/<int:key>/accept/", views.accept, name="accept"),
    path("findings/<int:key>/reject/", views.reject, name="reject"),
    path("findings/<int:key>/reopen/", views.reopen, name="reopen"),
    path("findings/<int:key>/correct/", views.correct, name="correct"),
    path("findings/<int:key>/exclude/", word_views.exclude, name="exclude"),
]
