"""Chains and circles of open dependencies, seen from one stream."""

from __future__ import annotations

import polars as pl

from pegel.network import chains_of


def still(*rows: tuple[int, int, str, str, float]) -> pl.DataFrame:
    names = ["blocker", "blocked", "blocker_stream", "blocked_stream", "age_days"]
    return pl.DataFrame(rows, schema=names, orient="row")


def test_a_chain_leads_through_other_streams_and_ends_at_home() -> None:
    rows = still(
        (1, 2, "Legal", "IT", 30.0), (2, 3, "IT", "Claims", 4.0), (3, 9, "Claims", "Sales", 50.0),
        (7, 8, "IT", "Legal", 99.0), (5, 3, "IT", "Claims", 40.0),
    )  # fmt: skip
    found = chains_of(rows, "Claims")
    assert found.longest == (1, 2, 3)
    # 2 is blocked for 30 days, 3 for at most 40: 70 in sum; what waits for Claims elsewhere is not its chain.
    assert (found.oldest, found.oldest_days) == ((1, 2, 3), 70.0)
    assert chains_of(rows, "Sales").longest == (1, 2, 3, 9)
    assert chains_of(rows, "Nobody").longest == ()


def test_circles_are_those_of_ones_own_items() -> None:
    rows = still((1, 2, "IT", "Claims", 1.0), (2, 1, "Claims", "IT", 1.0), (5, 6, "Legal", "Legal", 1.0),
                 (6, 5, "Legal", "Legal", 1.0))  # fmt: skip
    assert chains_of(rows, "Claims").cycles == ((1, 2),)
    assert chains_of(rows, "Legal").cycles == ((5, 6),)
