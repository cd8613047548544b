"""The sentences about who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pegel.flow.answer import Status
from pegel.network import StreamNetwork
from pegel.words.catalogue import Language, quoted, say
from pegel.words.durations import duration

_SHOWN = 10


def network_sentences(network: StreamNetwork, language: Language, names: Mapping[int, str]) -> list[str]:
    """Return what the network says, the most important first; ``names``: ids of items by number."""
    if network.status is not Status.VALUE:
        return [say(f"reason.{network.reason}", language)]
    found = network.dependencies
    out = [_most(network, language), *_moved(network, language)]
    if found.open:
        code = "network.chain" if len(found.longest) > 1 else "network.no_chain"
        out.append(say(code, language, open=say("network.open", language, n=found.open), length=len(found.longest)))
    out += [say("network.stream_cycle", language, streams=list(group)) for group in network.cycles]
    out += [
        say("network.item_cycle", language, items=[names.get(item, str(item)) for item in group[:_SHOWN]])
        for group in found.cycles
    ]
    if found.outside:
        out.append(say("network.outside", language, n=found.outside))
    if found.n and found.teams is Status.NOT_CONFIGURED:
        out.append(say("network.no_teams", language))
    return out


def named_items(network: StreamNetwork, most: int | None = None) -> list[int]:
    """Return the numbers of the items that are named: on the board (its first ``most`` rows), in chains and cycles."""
    found = network.dependencies
    board = found.board if most is None else found.board.head(most)
    groups: Sequence[Sequence[int]] = (found.longest, found.oldest, *found.cycles)
    return sorted({*board["blocked"], *board["blocker"], *(item for group in groups for item in group)})


def _moved(network: StreamNetwork, language: Language) -> list[str]:
    moves = network.edges.filter((pl.col("kind") == "moves") & (pl.col("waited_days") > 0))
    if not moves.height:
        return []
    longest = moves.sort("waited_days", "from_stream", "to_stream", descending=[True, False, False]).row(0, named=True)
    time = duration(longest["waited_days"], language, unit=network.unit)
    names = {"giver": quoted(longest["from_stream"], language), "taker": quoted(longest["to_stream"], language)}
    return [say("network.moved", language, time=time, n=longest["volume"], **names)]


def _most(network: StreamNetwork, language: Language) -> str:
    if network.most_waited_for is None:
        return say("network.nobody_waits", language)
    mine = (pl.col("from_stream") == network.most_waited_for) & (pl.col("kind") == "blocks")
    volume = int(network.edges.filter(mine)["volume"].sum())
    return say(
        "network.most",
        language,
        stream=quoted(network.most_waited_for, language),
        time=duration(network.most_waited_days, language, unit=network.unit),
        count=say("network.blocked_items", language, n=volume),
    )
