"""What tests of the application share."""

import pytest

from tests.pegel_web.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    """Return a small invented organisation."""
    return make_company()
