"""A query means the same on Spark as on DuckDB, or is refused."""

import pyarrow as pa
import pytest

pytestmark = pytest.mark.spark

PEOPLE = pa.table(
    {
        "rid": pa.array(range(7), pa.int32()),
        "name": ["ann", "bob", None, "ann", "cleo", "bob", "été"],
        "town": ["ulm", "ulm", "ulm", None, "bonn", None, "köln"],
        "age": pa.array([30, None, 7, 30, 81, 2, 5], pa.int64()),
        "share": [0.5, 0.25, None, 1.5, 0.125, 8.0, 2.5],
    }
)
TOWNS = pa.table(
    {
        "town": ["ulm", "bonn", "bonn", "jena"],
        "size": pa.array([120, 330, 331, 110], pa.int16()),
        "rid": pa.array([0, 4, 5, 9], pa.int64()),
    }
)
QUERIES = (
    "from people",
    "select *, rid + 1 as next, upper(name) as loud from people where age > 6 or name is null",
    "select rid, hash(name) as key, hash(name) >> 3 as high from people",
    "select p.rid, t.size from people p join towns t on t.town = p.town",
    "select p.*, t.size from people p left join towns t on p.town = t.town",
    "select rid, size from people join towns using (town, rid)",
    "select * from people left join towns using (town)",
    "select t.rid, town from people p join towns t using (town)",
    "select rid from people semi join towns using (town)",
    "select * from people anti join towns on people.town = towns.town",
    "select * from people semi join (select town as place from towns) t on place = people.town",
    "select x.rid, y.rid as other from people x join people y on x.name = y.name and x.rid < y.rid",
    "select x.rid from people x join people y on x.name = y.name and x.share <> y.share",
    "select x.rid from people x join people y on x.rid % 3 = y.rid << 1"
    " and lower(x.name) <= y.name",
    "select x.rid, t.size from people x cross join towns t",
    "select x.rid, t.size, n from people x, towns t, (select count(*) as n from towns) c",
    "select count(*) as n, sum(age) as s, min(name) as a, max(share) as b from people where false",
    "select count(*) as n, count(age) as c, sum(age) as s, sum(share) as f from people",
    "select name, count(*) filter (age > 6) as n, sum(age) filter (town = 'ulm') as s from people"
    " group by name",
    "select left(name, 1) as first, bit_or(rid) as bits, bool_or(age > 29) as old from people"
    " group by 1 having count(*) > 1",
    "select age // 10 as decade, count(*) * 2 as n from people group by decade",
    "select distinct name, town is null as lost from people",
    "select name from people group by name",
    "select rid, sum(age) over (partition by town, rid % 2) as together, name from people"
    " where rid > 0",
    "select *, (sum(n) over (partition by n))::bigint as all_of, count(*) over () as rows"
    " from (select town, count(*) as n from people group by town)",
    "select rid, name, 1 as kind from people union all select rid, town, size from towns",
    "with every as materialized (select town from people union all select town from towns),"
    " known as (from every where town is not null)"
    " select b.town, n from known b join (select town, count(*) as n from every group by 1) c"
    " on c.town = b.town",
    "select rid from people order by age desc nulls last, rid",
    "select name, count(*) as n from people group by name order by n, name desc",
    "select rid, case when name in ('ann', 'bob') then name[2:] else 'x' || town end as t,"
    " age::hugeint * 10000000000 // 10000000000 as big from people",
)
REFUSED = (
    "select rid from people where town in (select town from towns)",
    "select rid from people limit 2",
    "select rid from (select rid from people order by rid)",
    "select rid from people union select size from towns",
    "select rid from people except all select size from towns",
    "select x.rid from people x join people y on x.rid < y.rid",
    "select x.rid from people x left join people y on x.name = y.name and x.rid < y.rid",
    "select x.rid from people x full join people y on x.name = y.name",
    "select x.rid from people x join towns t on x.rid = t.town",
    "select rid from people join towns using (town) join (select 1 as town) t using (nothing)",
    "select count(distinct name) as n from people",
    "select median(age) as m from people",
    "select arg_max(name, age) as m from people",
    "select row_number() over (order by rid) as n from people",
    "select name, age from people group by name",
    "select name from people group by grouping sets ((name), ())",
    "select x.nothing from people x",
    "select rid from people x, people y",
    "select * exclude (rid) from people",
    "select rid from people as p(one, two, three, four, five)",
    "select a from (values (1)) as v(a)",
    "select [rid] as list from people",
    "from nowhere",
    "values (1)",
    "insert into people select 1",
)


def _rows(table: pa.Table) -> list[str]:
    return sorted(str(tuple(row.values())) for row in table.to_pylist())


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_gives_the_same_rows_and_types(query, duckdb_engine, spark_engine):
    for engine in (duckdb_engine, spark_engine):
        engine.put("people", PEOPLE)
        engine.put("towns", TOWNS)

    wanted, found = duckdb_engine.table(query), spark_engine.table(query)

    assert found.schema.equals(wanted.schema)
    assert _rows(found) == _rows(wanted)
    if "order by" in query:
        assert found.equals(wanted)


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_spread_is_refused(query, spark_engine):
    from openprofiles.resolution.spark import Unsupported

    spark_engine.put("people", PEOPLE)
    spark_engine.put("towns", TOWNS)

    with pytest.raises(Unsupported):
        spark_engine.table(query)


def test_a_sum_beyond_64_bits_is_an_error(spark_engine):
    from pyspark.errors import ArithmeticException

    spark_engine.put("large", pa.table({"n": pa.array([2**62] * 3, pa.int64())}))

    with pytest.raises(ArithmeticException):
        spark_engine.table("select sum(n) as n from large")
