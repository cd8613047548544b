from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pegel.worlds.counter_hash import below, lognormal_table, splitmix64, stream_of_chance

MASK = 2**64 - 1


def reference(counter: int) -> int:
    """splitmix64.c with Python's integers."""
    z = (counter + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def column(counters: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"counter": pl.Series(counters, dtype=pl.UInt64)})


def test_published_outputs_of_the_reference_program() -> None:
    # splitmix64.c seeded with 1234567 yields these five numbers; its state grows by the golden constant.
    golden = 0x9E3779B97F4A7C15
    counters = [(1234567 + step * golden) & MASK for step in range(5)]
    assert column(counters).select(splitmix64(pl.col("counter"))).to_series().to_list() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(st.lists(st.integers(0, MASK), min_size=1, max_size=20))
def test_polars_computes_what_python_computes(counters: list[int]) -> None:
    hashed = column(counters).select(splitmix64(pl.col("counter"))).to_series().to_list()
    assert hashed == [reference(counter) for counter in counters]


def test_below_takes_sixteen_bits_from_the_right_place() -> None:
    # 0x8000 of 0x10000 is one half: 10 · 1/2 = 5; all bits set give the largest value.
    bits = column([0x8000, 0x8000 << 16, 0xFFFF])
    assert bits.select(below(pl.col("counter"), 10, from_bit=0)).to_series().to_list() == [5, 0, 9]
    assert bits.select(below(pl.col("counter"), 10, from_bit=16)).to_series().to_list() == [0, 5, 0]


def test_lognormal_table_has_the_asked_median_and_is_symmetric_in_its_logarithm() -> None:
    table = lognormal_table(median=1_000_000, sigma=1.0).to_list()
    assert len(table) == 4096
    assert table == sorted(table)
    assert table[2047] < 1_000_000 < table[2048]
    assert all(abs(low * high - 10**12) < 1e-5 * 10**12 for low, high in zip(table, table[::-1], strict=True))


def test_seeds_and_purposes_are_told_apart() -> None:
    offsets = {pl.select(stream_of_chance(seed, purpose)).item() for seed in (0, 1, 2**40, -1) for purpose in (1, 2, 3)}
    assert len(offsets) == 12
