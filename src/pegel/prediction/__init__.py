"""Predictability, unfinished work and forecasts, each with what the log itself says about how far to trust it.

``predictability``: process behaviour charts, tail ratio, change points. ``survival``: flow time with unfinished work
counted. ``forecast``: when, and how many, by simulation, beside the ``backtest`` of the same question on the past.
"""
