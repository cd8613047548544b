"""Where the pages of the organisation stand in the navigation."""

from __future__ import annotations

from pegel_web.ui.navigation import NavigationEntry, declare_navigation

declare_navigation(
    NavigationEntry(name="tokens", url_name="tokens", permission="organisation.token.own", section="account", order=90),
    NavigationEntry(
        name="organisation",
        url_name="organisation_tree",
        permission="organisation.unit.view",
        section="organisation",
        order=5,
    ),
    NavigationEntry(
        name="people", url_name="people_list", permission="organisation.person.view", section="organisation", order=60
    ),
    NavigationEntry(
        name="roles",
        url_name="role_assignments",
        permission="organisation.role.view",
        section="organisation",
        order=65,
    ),
    NavigationEntry(
        name="products", url_name="product_list", permission="organisation.unit.view", section="organisation", order=70
    ),
    NavigationEntry(
        name="coverage",
        url_name="function_coverage",
        permission="organisation.unit.view",
        section="organisation",
        order=72,
    ),
    NavigationEntry(
        name="organisation_import",
        url_name="structure_imports",
        permission="organisation.import.run",
        section="system",
        order=20,
    ),
    NavigationEntry(
        name="decisions",
        url_name="decisions",
        permission="organisation.decision.raise",
        section="work",
        order=40,
    ),
    NavigationEntry(
        name="frame", url_name="frame_of", permission="organisation.frame.view", section="organisation", order=10
    ),
    NavigationEntry(
        name="responsibilities",
        url_name="responsibility_map",
        permission="organisation.responsibility.view",
        section="organisation",
        order=40,
    ),
    NavigationEntry(
        name="platforms",
        url_name="platform_catalogue",
        permission="organisation.responsibility.view",
        section="organisation",
        order=45,
    ),
    NavigationEntry(
        name="decision_rights",
        url_name="decision_rights",
        permission="organisation.delegation.view",
        section="organisation",
        order=50,
    ),
)
