"""What tests of the application share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from pegel_web.core.append_only import AUDIT_GUARDS, guard, missing, unguard
from tests.pegel_web.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    """Return a small invented organisation."""
    return make_company()


@pytest.fixture(autouse=True, scope="session")
def _tests_may_empty_the_audit() -> Iterator[None]:
    """Tests with transactions of their own empty all tables afterwards; what is append-only has to let them."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def unguarded(self: BaseDatabaseOperations, sql_list: Any) -> None:
        unguard(self.connection, AUDIT_GUARDS)
        empty(self, sql_list)
        if missing(self.connection, AUDIT_GUARDS):
            guard(self.connection, AUDIT_GUARDS)

    BaseDatabaseOperations.execute_sql_flush = unguarded  # type: ignore[method-assign]  # for the tests' own flush
    yield
    BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]  # as it was
