"""How hard the property tests try: quick by default, long with PEGEL_HYPOTHESIS=long (make truth)."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("PEGEL_HYPOTHESIS", "quick"))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name byte strings by their argument: compressed or random ones differ from process to process."""
    del config
    return argname if isinstance(val, bytes) else None
