"""What tests of the application share."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations

from pegel.lake.store import Lake
from pegel.lake.workflows import workflows
from pegel.quality.facts import LakeFacts
from pegel_web.core.append_only import AUDIT_GUARDS, guard, unguard
from pegel_web.flow.baseline_guard import BASELINE_GUARDS
from pegel_web.flow.computing.versions import imports_of
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.services import snapshots
from pegel_web.privacy.access_guard import ACCESS_GUARDS
from tests.pegel_web.company import Company, make_company

#: Streams that many tests look at: what is computed of them is the same each time (``CONTENTS`` says from what).
_COMPUTED: dict[str, tuple[list[Any], int]] = {}
_MOST_COMPUTED = 60
_GUARDS = (*AUDIT_GUARDS, *ACCESS_GUARDS, *BASELINE_GUARDS)


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


@pytest.fixture(autouse=True, scope="session")
def _the_same_stream_is_computed_once() -> Iterator[None]:
    """Computing is deterministic and takes seconds: of the same lake, declared the same, tests get the same result."""
    real = snapshots.compute_stream

    def remembered(
        lake: Lake, lake_name: str, facts: LakeFacts, declared: Declared, *, on_step: Callable[[], None]
    ) -> Iterator[Any]:
        rests_on = (imports_of(lake), workflows(lake), lake_name, declared, [_text(one) for one in _files(lake)])
        key = sha256(repr(rests_on).encode("utf-8", "surrogatepass")).hexdigest()
        if key in _COMPUTED:
            found, steps = _COMPUTED[key]
            for _ in range(steps):
                on_step()
            yield from found
            return
        steps = 0

        def counted() -> None:
            nonlocal steps
            steps += 1
            on_step()

        found = list(real(lake, lake_name, facts, declared, on_step=counted))
        _COMPUTED[key] = (found, steps)
        if len(_COMPUTED) > _MOST_COMPUTED:
            del _COMPUTED[next(iter(_COMPUTED))]
        yield from found

    snapshots.compute_stream = remembered
    yield
    snapshots.compute_stream = real


def _files(lake: Lake) -> list[Path]:
    """Return what else can be kept in a lake: policies and calendars."""
    return sorted(one for one in lake.root.rglob("*") if one.suffix in (".yaml", ".yml"))


def _text(path: Path) -> str:
    return f"{path.name}: {path.read_text(encoding='utf-8')}"
