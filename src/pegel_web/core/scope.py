"""Querysets that fail closed: what nobody has narrowed to an actor is not read.

ValueStream.objects.visible_to(actor)                    # what this actor may see
ValueStream.objects.everything(because="nightly figures")  # Pegel itself, and it says why
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from pegel.errors import InternalError
from pegel_web.core.actor import Actor

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that raises when it is read before it was narrowed."""

    _narrowed = False

    def visible_to(self, actor: Actor, *, code: str | None = None) -> Self:
        """Return what an actor may see: rows whose unit lies in the units of the permission to view them.

        The model names the permission (``view_permission``) and the way to the unit (``scope_path``; empty: the rows
        belong to the whole installation).
        """
        wanted: str = code or self.model.view_permission  # type: ignore[attr-defined]  # declared by each scoped model
        path: str = self.model.scope_path  # type: ignore[attr-defined]  # the same
        units = actor.units_for(wanted)
        found = self._opened()
        if units is None:
            return found
        if not path:
            # Rows of the whole installation are not for a right that reaches a part of it.
            return found.none()
        return found.filter(**{f"{path}__in": units})

    def everything(self, *, because: str) -> Self:
        """Return all rows, where no person asks; the reason is for the reader of the code."""
        if not because:
            raise InternalError("scope_without_reason", model=self.model.__name__)
        return self._opened()

    def _opened(self) -> Self:
        found = self.all()
        found._narrowed = True
        return found

    def _require_narrowed(self) -> None:
        if not self._narrowed:
            raise InternalError("queryset_not_scoped", model=self.model.__name__)

    def _clone(self) -> Self:
        copy = super()._clone()  # type: ignore[misc]  # Django's own way to copy a queryset
        copy._narrowed = self._narrowed
        return copy  # type: ignore[no-any-return]  # the same

    def _fetch_all(self) -> None:
        self._require_narrowed()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        """Yield the rows one by one, if they were narrowed."""
        self._require_narrowed()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        """Count the rows, if they were narrowed."""
        self._require_narrowed()
        return super().count()

    def exists(self) -> bool:
        """Tell whether there is a row, if they were narrowed."""
        self._require_narrowed()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Summarise the rows, if they were narrowed."""
        self._require_narrowed()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Change the rows, if they were narrowed."""
        self._require_narrowed()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows, if they were narrowed."""
        self._require_narrowed()
        return super().delete()


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]  # a class made at run time
    """The default manager of records that belong to a part of the organisation."""
