"""When a card began and in which list: told by its creating action, or worked out where the export is cut off.

A card whose creating action is missing although the export reaches back to its creation (the cards of a copied board)
began in the list that it left first, or is in today. Where the export does not reach back, the card was in that list
when the known history begins; nobody knows since when, so it stands in
:data:`pegel.eventlog.schema.CREATED_STATE` before, instead of in a list that it may have entered later. A card without
any known action was in its list of today from its last activity on, at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass

from pegel.sources.trello.learned import CardHistory, Learned


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first list (id) of a card, since when, and whether the card was archived then.

    ``archived_us``: since when it is in the archive, where no action tells it. ``cut``: earlier history is missing.
    """

    at_us: int
    list_id: str | None
    archived_us: int | None
    cut: bool


def beginning_of(history: CardHistory, learned: Learned, *, created_us: int | None) -> Beginning | None:
    """Find a card's beginning; None where nothing tells any moment of it.

    ``created_us``: moment of the card's creation, None: unknown.
    """
    known = [moment.at_us for moment in (history.creation, history.oldest) if moment is not None]
    at_us = created_us if created_us is not None else min(known, default=None)
    if at_us is None:
        return None
    first_list = history.creation_list or (history.first_move.about if history.first_move else history.list_id)
    cut = False
    if history.creation is not None:
        at_us = history.creation.at_us if history.arrived else min([at_us, *known])
    else:
        horizon_us = learned.horizon_us(history.board)
        cut = horizon_us is not None and at_us < horizon_us
        if horizon_us is not None and cut:
            last_us = history.last_activity_us if history.oldest is None else None
            at_us = max(at_us, min(horizon_us, last_us if last_us is not None else horizon_us))
    return Beginning(at_us, first_list, _archived_us(history, at_us, cut=cut), cut)


def _archived_us(history: CardHistory, begins_us: int, *, cut: bool) -> int | None:
    """Since when a card is in the archive without an action that says so; None: it is not."""
    if history.first_archiving is not None:
        return begins_us if history.first_archiving.about == "out" and cut else None
    if not history.archived:
        return None
    if cut and history.oldest is not None:  # archived before the known history began: nothing in it says so
        return begins_us
    return max(begins_us, history.last_activity_us or begins_us)
