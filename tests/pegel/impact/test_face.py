"""The public face: every name is there, and stays what it is when the module of the same name is loaded."""

from importlib import import_module

import pytest

from pegel import impact


@pytest.mark.parametrize("name", impact.__all__)
def test_every_name_is_there_and_no_module_hides_it(name: str) -> None:
    found = getattr(impact, name)
    assert callable(found)
    import_module(found.__module__)
    assert getattr(impact, name) is found


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        impact.magic  # noqa: B018 - asking is the test
    assert set(impact.__all__) <= set(dir(impact))
