"""What tests of the application share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from pegel_web.core.append_only import AUDIT_GUARDS, guard, unguard
from pegel_web.privacy.access_guard import ACCESS_GUARDS
from tests.pegel_web.company import Company, make_company

_GUARDS = (*AUDIT_GUARDS, *ACCESS_GUARDS)


@pytest.fixture
def company(db: None) -> Company:
    """Return a small invented organisation."""
    return make_company()


@pytest.fixture(autouse=True, scope="session")
def _tests_may_empty_the_audit() -> Iterator[None]:
    """Tests with transactions of their own empty all tables afterwards; what is append-only has to let them."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def unguarded(self: BaseDatabaseOperations, sql_list: Any) -> None:
        unguard(self.connection, _GUARDS)
        empty(self, sql_list)
        guard(self.connection, _GUARDS)

    BaseDatabaseOperations.execute_sql_flush = unguarded  # type: ignore[method-assign]  # for the tests' own flush
    yield
    BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]  # as it was
