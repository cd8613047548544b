"""Reproducible chance for columns: splitmix64 of a counter, in integer arithmetic that every machine does the same.

A value depends on its counter alone, not on the rows around it, so chunks can be made in any order and size.
Polars' own hash and sample are not used: they promise no stability across versions.

Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014); constants as in Vigna's
``splitmix64.c``.
"""

from __future__ import annotations

from math import exp
from statistics import NormalDist
from typing import Final

import polars as pl

_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_MASK: Final = 2**64 - 1
#: Steps of a quantile table; a draw takes so many values.
TABLE_BITS: Final = 12


def splitmix64(counter: pl.Expr) -> pl.Expr:
    """64 random bits (UInt64) for each UInt64 counter.

    The first output of the reference program with seed 0:

    >>> pl.select(splitmix64(pl.lit(0, dtype=pl.UInt64))).item() == 0xE220A8397B1DCDAF
    True
    """
    mixed = counter + _whole(_GOLDEN)
    mixed = (mixed ^ (mixed // _whole(1 << 30))) * _whole(_FIRST)
    mixed = (mixed ^ (mixed // _whole(1 << 27))) * _whole(_SECOND)
    return mixed ^ (mixed // _whole(1 << 31))


def stream_of_chance(seed: int, purpose: int) -> pl.Expr:
    """Offset (a UInt64 literal) that tells the draws of one seed and purpose from all others."""
    mixed = (seed * 0x1_0000 + purpose + _GOLDEN) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _MASK
    return _whole(mixed ^ (mixed >> 31))


def below(bits: pl.Expr, count: int, *, from_bit: int) -> pl.Expr:
    """Draw from 0 … count − 1 (UInt64) out of the 16 bits of ``bits`` that begin at ``from_bit``; count ≤ 65536."""
    return bits // _whole(1 << from_bit) % _whole(1 << 16) * _whole(count) // _whole(1 << 16)


def lognormal_table(median: float, sigma: float) -> pl.Series:
    """4096 equally likely values (Int64) of a lognormal distribution, rounded to whole units."""
    steps = 1 << TABLE_BITS
    normal = NormalDist()
    values = [round(median * exp(sigma * normal.inv_cdf((step + 0.5) / steps))) for step in range(steps)]
    return pl.Series("quantiles", values, dtype=pl.Int64)


def _whole(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)
