"""Imported first by programs that are run apart from pytest: the application's own settings, all apps loaded."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "pegel_web.config.settings"
django.setup()
