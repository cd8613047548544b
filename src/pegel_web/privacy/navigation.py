"""Where privacy and the audit stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(
        name="privacy_notice", url_name="privacy_notice", permission="privacy.notice.view", section="trust", order=10
    ),
    NavigationEntry(
        name="privacy_rules", url_name="privacy_rules", permission="privacy.settings.view", section="trust", order=20
    ),
    NavigationEntry(
        name="access_log", url_name="access_log", permission="privacy.access_log.view", section="trust", order=30
    ),
    NavigationEntry(name="audit", url_name="audit", permission="core.audit.view", section="trust", order=40),
    NavigationEntry(
        name="processing_record",
        url_name="processing_record",
        permission="privacy.record.view",
        section="trust",
        order=50,
    ),
    NavigationEntry(name="erasure", url_name="erasure", permission="privacy.erasure.run", section="trust", order=60),
)
