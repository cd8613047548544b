"""The chapter about who waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pegel.charts import network as drawing
from pegel.network import StreamNetwork
from pegel.report import tables
from pegel.report.figures import Figures
from pegel.report.markup import Markup, tag
from pegel.words import Language, say
from pegel.words.network import network_sentences

#: Dependencies in the table.
MOST_DEPENDENCIES: Final = 25


def chapter(network: StreamNetwork, language: Language, figures: Figures, names: Mapping[int, str]) -> Markup:
    """Return the network as sentences, a drawing with its table, and the dependency board."""
    first, *others = network_sentences(network, language, names)
    edges = network.edges
    columns = [
        tables.text("from_stream"),
        tables.word("kind", "edge"),
        tables.text("to_stream"),
        tables.count("volume"),
        tables.count("open", "open_edges"),
        tables.days("waited_days"),
        tables.share("overtaken"),
        tables.count("first_half"),
        tables.count("second_half"),
    ]
    twin = tables.table(edges.iter_rows(named=True), columns, language, caption=say("network.edges", language))
    figure = figures.figure(
        "chart-network",
        (lambda: drawing.chart(network, language)) if drawing.arrows(network, language) else None,
        metric="value_stream_network",
        sentence=drawing.sentence(network, language),
        twin=twin if edges.height else None,
        wide=True,
    )
    return tag(
        "section",
        tag("h2", say("network.title", language)),
        tag("p", first, class_="lead"),
        [tag("p", sentence) for sentence in others],
        figure if edges.height else None,
        _board(network, language, names),
        id="network",
    )


def _board(network: StreamNetwork, language: Language, names: Mapping[int, str]) -> Markup | None:
    board = network.dependencies.board
    if not board.height:
        return None
    rows = [
        {**row, **{end: names.get(row[end], row[end]) for end in ("blocked", "blocker")}}
        for row in board.head(MOST_DEPENDENCIES).iter_rows(named=True)
    ]
    columns = [
        tables.text("blocked"),
        tables.text("blocker"),
        tables.text("blocker_stream"),
        tables.text("blocker_team"),
        tables.word("status", "dependency"),
        tables.date("since_us", "since"),
        tables.days("age_days"),
        tables.days("waited_days"),
    ]
    caption = say("network.board", language, shown=len(rows), total=board.height)
    return tables.folded(caption, tables.table(rows, columns, language, caption=caption))
