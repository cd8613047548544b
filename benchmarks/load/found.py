"""Say how many of the written questions are in the database, each with its audit entry."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Decision

titles = Decision.objects.everything(because="a benchmark").filter(title__startswith="load ")
entries = AuditEntry.objects.everything(because="a benchmark").filter(event="organisation.decision.raised")
traced = {entry.subject_id for entry in entries}
print(sum(str(decision.id) in traced for decision in titles))
