"""The five tables in DuckDB SQL, written by hand for this one policy and this log (nothing is deleted or moved).

Who is active, done or paused is looked up once per row; everything else is one hash aggregation over all rows and a
second look at the few rows of the items that were paused.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from five_tables.question import Codes, Question

_ITEMS = """
create temp table items as
with stays as (
    select i.item, i.place, i.entered_us as entered, i.left_us as leaves, p.category as k
    from read_parquet($files) i join places p on p.place = i.place
),
first_look as (
    select item,
        min(place) as place,
        min(entered) filter (k = {active}) as start_us,
        max(leaves) filter (k not in ({done}, {ignored})) as unstopped,
        max(entered) filter (k = {done}) as last_done,
        min(entered) filter (k = {done}) as first_done,
        max(leaves) filter (k not in ({cancelled}, {ignored})) as uncancelled,
        max(entered) filter (k = {cancelled}) as last_cancelled,
        min(entered) filter (k = {cancelled}) as first_cancelled,
        coalesce(sum(case when leaves = {open_us} then $now else leaves end - entered) filter (k = {active}), 0)
            as active_us,
        bool_or(k = {ignored}) as pauses
    from stays group by item
),
simple as (
    select item, place, start_us, active_us, pauses, unstopped, uncancelled,
        last_done is not null and (unstopped is null or last_done >= unstopped) as is_done,
        last_cancelled is not null and (uncancelled is null or last_cancelled >= uncancelled) as is_cancelled,
        coalesce(unstopped, first_done) as done_at,
        coalesce(uncancelled, first_cancelled) as cancelled_at
    from first_look
),
exact_end as (
    select s.item,
        min(t.entered) filter (t.k = {done} and t.entered >= coalesce(s.unstopped, 0)) as done_at,
        min(t.entered) filter (t.k = {cancelled} and t.entered >= coalesce(s.uncancelled, 0)) as cancelled_at
    from simple s join stays t on t.item = s.item
    where s.pauses and t.k in ({done}, {cancelled}) group by s.item
),
ended as (
    select s.item, s.place, s.start_us, s.active_us, s.pauses, s.is_done,
        case when s.is_done then coalesce(e.done_at, s.done_at)
             when s.is_cancelled then coalesce(e.cancelled_at, s.cancelled_at) end as end_us
    from simple s left join exact_end e on e.item = s.item
),
paused as (
    select e.item, sum(t.leaves - t.entered) as paused_us
    from ended e join stays t on t.item = e.item
    where e.pauses and e.is_done and t.k = {ignored} and t.entered >= e.start_us and t.entered < e.end_us
    group by e.item
)
select e.item, e.place, e.start_us, e.end_us, e.is_done, e.active_us,
    case when e.is_done then e.end_us - e.start_us - coalesce(p.paused_us, 0) end as flow_us,
    (e.end_us + {monday}) // {week} * {week} - {monday} as week_us
from ended e left join paused p on p.item = e.item
"""
_FINISHED = "from items i join places p on p.place = i.place where i.is_done"
_TABLES = {
    "velocity": f"select p.stream, p.type, i.week_us, count(*) as finished {_FINISHED} group by all",
    "flow_time": "select p.stream, i.week_us, count(*) as n, avg(i.flow_us) as mean_us, "
    "quantile_cont(i.flow_us, 0.5) as p50_us, quantile_cont(i.flow_us, 0.7) as p70_us, "
    "quantile_cont(i.flow_us, 0.85) as p85_us, quantile_cont(i.flow_us, 0.95) as p95_us "
    f"{_FINISHED} and i.flow_us is not null group by all",
    "efficiency": "select p.stream, i.week_us, sum(i.active_us)::bigint as active_us, "
    "sum(i.flow_us)::bigint as flow_us "
    f"{_FINISHED} and i.flow_us is not null group by all",
    "load": """
        with moments as (
            select place, start_us as at_us, 1 as change from items where start_us is not null
            union all select place, end_us, -1 from items where start_us is not null and end_us is not null
        ), weekly as (
            select p.stream, (m.at_us + {monday}) // {week} * {week} - {monday} as week_us, sum(m.change) as change
            from moments m join places p on p.place = m.place group by all
        )
        select stream, week_us, (sum(change) over (partition by stream order by week_us))::bigint as load from weekly
    """,
    "distribution": "with counts as (select p.stream, i.week_us, p.kind, count(*) as n "
    f"{_FINISHED} group by all) "
    "select stream, week_us, kind, n / sum(n) over (partition by stream, week_us) as share from counts",
}


def five_tables(root: Path) -> dict[str, pl.DataFrame]:
    """Return the five tables of the prepared intervals of a lake."""
    question = Question.read(root)
    numbers = Codes.numbers()
    con = duckdb.connect()
    con.register("places_in_memory", question.places.to_arrow())
    con.execute("create temp table places as select * from places_in_memory")
    con.execute(_ITEMS.format(**numbers), {"files": [str(file) for file in question.files], "now": question.now_us})
    return {name: pl.DataFrame(con.sql(query.format(**numbers)).to_arrow_table()) for name, query in _TABLES.items()}
