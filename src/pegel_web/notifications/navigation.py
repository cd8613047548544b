"""Where webhooks, digests and mail stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(
        name="webhooks", url_name="webhooks", permission="notifications.endpoint.view", section="system", order=85
    ),
    NavigationEntry(
        name="mail", url_name="mail_report", permission="notifications.mail.view", section="system", order=86
    ),
    NavigationEntry(
        name="own_digest", url_name="own_digest", permission="notifications.digest.own", section="account", order=80
    ),
)
