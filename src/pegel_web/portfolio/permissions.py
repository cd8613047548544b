"""What may be done with use cases."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="portfolio.use_case.view"),
    Permission(code="portfolio.idea.register"),
    Permission(code="portfolio.use_case.change", delegable=True),
    Permission(code="portfolio.estimate.give"),
    Permission(code="portfolio.gate.decide", delegable=True, limited=True),
    Permission(code="portfolio.declaration.operation"),
    Permission(code="portfolio.declaration.law"),
    Permission(code="portfolio.declaration.data_protection"),
    Permission(code="portfolio.declaration.works_council"),
    Permission(code="portfolio.pattern.change"),
    Permission(code="portfolio.setting.change"),
)
