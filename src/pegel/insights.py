"""Why it waits, what will be late and how sure that is: everything beyond the ten metrics, computed together.

The item windows are worked out once and read by all; see ``pegel.waits``, ``pegel.prediction``, ``pegel.quality`` and
``pegel.network``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw

from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US
from pegel.flow.attribution import attribute, of_streams
from pegel.flow.item_windows import Ending, item_windows
from pegel.flow.log import FlowLog
from pegel.network import StreamNetwork, stream_network
from pegel.prediction.forecast import Forecast, forecast
from pegel.prediction.predictability import Predictability, predictability
from pegel.prediction.survival import UnfinishedWork, unfinished_work
from pegel.quality.facts import LakeFacts
from pegel.quality.report import QualityReport, quality_report
from pegel.waits.bottlenecks import Bottlenecks, bottlenecks
from pegel.waits.causes import WaitCauses, wait_causes
from pegel.waits.costs import Costs
from pegel.waits.friction import FrictionCounts, friction_counts
from pegel.waits.picker import StartSmall, start_small
from pegel.waits.price import Price, price_of_waiting
from pegel.waits.records import records_of
from pegel.waits.stages import stage_sums

#: The report asks how many items will be done so far ahead.
_AHEAD_US: Final = 28 * DAY_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Insights:
    """The answers beyond the ten metrics; each says for itself whether it has a value.

    ``forecast``: how many items in four weeks, with its backtest; ``all_open``: when all that is in progress is done
    (None: nothing is).
    """

    waits: WaitCauses
    friction: FrictionCounts
    price: Price
    bottlenecks: Bottlenecks
    start_small: StartSmall
    predictability: Predictability
    unfinished: UnfinishedWork
    forecast: Forecast
    all_open: Forecast | None
    network: StreamNetwork
    quality: QualityReport

    def named_items(self) -> list[int]:
        """Return the numbers of the items that chapters name."""
        found = self.network.dependencies
        groups = (found.longest, found.oldest, *found.cycles)
        board = found.board
        chains = {item for group in groups for item in group}
        return sorted({*board["blocked"], *board["blocker"], *chains, *self.quality.named_items()})


def insights(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    with_backtest: bool = True,
    lake: LakeFacts | None = None,
    costs: Costs | None = None,
) -> Insights:
    """Compute everything beyond the ten metrics for a log under a policy.

    Parameters
    ----------
    lake: what the lake says about its imports; None: checks that need it are not configured.
    costs: what delay and labour cost; None: nobody has said.
    from_us, until_us: period of the figures about finished work; None: each analysis' own reference period.
    """
    everywhere = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    windows = of_streams(log, everywhere)
    open_now = (nw.col("ending") == int(Ending.OPEN)) & ~nw.col("start_us").is_null()
    load = int(log.engine.collect(windows.filter(open_now).select(nw.len())).item())
    period: dict[str, Any] = {"from_us": from_us, "until_us": until_us}
    sums = stage_sums(log, policy, items=windows, **period)
    ranked = bottlenecks(log, policy, **period, sums=sums)
    records = records_of(log)
    waits = wait_causes(log, policy, items=windows, records=records, **period)
    friction = friction_counts(log, policy, items=windows, records=records, **period)
    return Insights(
        waits=waits,
        friction=friction,
        price=price_of_waiting(waits, friction.status_asks, costs),
        bottlenecks=ranked,
        start_small=start_small(log, policy, **period, sums=sums, ranked=ranked),
        predictability=predictability(log, policy, items=windows, **period),
        unfinished=unfinished_work(log, policy, items=windows, **period),
        forecast=forecast(log, policy, until_us=log.as_of_us + _AHEAD_US, windows=windows, with_backtest=with_backtest),
        all_open=forecast(log, policy, items=load, windows=windows, with_backtest=False) if load else None,
        network=stream_network(log, policy, everywhere),
        quality=quality_report(log, policy, lake=lake, windows=everywhere, **period),
    )
