"""What a forecast rests on: how far back it looks, how much it needs to see, how it draws, how much it claims."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pegel.errors import UserError
from pegel.prediction.split import SplitRate

#: Levels of confidence in percent that an answer is given for.
LEVELS: Final = (50, 70, 85, 95)
#: Nothing is ever claimed with more confidence than this.
HIGHEST: Final = 0.95
#: So many observed days (or items) must lie beyond a level on average, or the level is not claimed.
_BEYOND: Final = 3
_MOST_RUNS: Final = 1_000_000
_LONGEST_WINDOW: Final = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a forecast is made.

    Parameters
    ----------
    window_days: length of the reference window before the log's moment, in calendar days.
    least_days, least_items: days and finished items that the window must hold at least.
    runs: number of simulated futures. ``seed``: of the random numbers; same seed, same answer.
    uncertain_rate: every run first draws its own reference window from the observed one, so that the answer also
        carries how little a short window says about the pace itself.
    split: how many items an item becomes. ``wip``: items in progress at once; None: what was observed.

    Raises
    ------
    UserError: ``forecast_setting_invalid``.
    """

    window_days: int = 90
    least_days: int = 20
    least_items: int = 10
    runs: int = 10_000
    seed: int = 1
    uncertain_rate: bool = True
    split: SplitRate = field(default_factory=SplitRate)
    wip: int | None = None

    def __post_init__(self) -> None:
        bounds = {
            "window_days": (7, _LONGEST_WINDOW),
            # Without a calendar every day of the week must occur, or there is nothing to draw it from.
            "least_days": (7, _LONGEST_WINDOW),
            "least_items": (1, _MOST_RUNS),
            "runs": (100, _MOST_RUNS),
            "seed": (0, 2**63 - 1),
        }
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise UserError("forecast_setting_invalid", name=name, least=least, most=most)
        if self.wip is not None and self.wip < 1:
            raise UserError("forecast_setting_invalid", name="wip", least=1, most=_MOST_RUNS)


def highest_level(observed: int) -> float:
    """Return the highest confidence that so many observed days (or items) allow to claim, as a share.

    >>> highest_level(20), highest_level(64), highest_level(6)
    (0.85, 0.95, 0.5)
    """
    return round(min(HIGHEST, 1 - _BEYOND / observed), 6) if observed > _BEYOND else 0.0


def is_claimed(level: int, observed: int) -> bool:
    """Tell whether a level in percent is claimed on so many observed days (or items)."""
    return level / 100 <= highest_level(observed)
