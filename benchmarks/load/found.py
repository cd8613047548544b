"""Say how many of the writes that were noted in a file are in the database, each with its audit entry."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")

import django

django.setup()

from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import Decision

written = [line.split(maxsplit=1) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
questions = Decision.objects.everything(because="a benchmark").filter(title__startswith="load ")
by_title = {one.title: one for one in questions}
by_id = {str(one.id): one for one in by_title.values()}
entries = AuditEntry.objects.everything(because="a benchmark")
traced = set(entries.values_list("event", "subject_id"))
found = 0
for what, which in written:
    question = by_title.get(which) if what == "raised" else by_id.get(which.strip("/").rsplit("/", 1)[-1])
    kept = question is not None and (what == "raised" or question.outcome == "withdrawn")
    found += kept and (f"organisation.decision.{what}", str(question.id)) in traced
print(found)
