"""Charts: a result goes in, an Altair chart comes out; one file per chart.

Each file has ``chart(result, language)`` and ``sentence(result, language)``. Altair is only needed when a chart is
drawn (extra ``report``).
"""
