"""Functions of Trino that DuckDB has under another name or not at all, as macros that each engine is given."""

from __future__ import annotations

from collections.abc import Mapping

MACROS: Mapping[str, str] = {
    "array_except": "(a, b) AS list_filter(a, lambda each: NOT list_contains(b, each))",
    "array_max": "(a) AS list_max(a)",
    "array_min": "(a) AS list_min(a)",
    "array_remove": "(a, x) AS list_filter(a, lambda each: each <> x)",
    "array_union": "(a, b) AS list_distinct(list_concat(a, b))",
    "arrays_overlap": "(a, b) AS list_has_any(a, b)",
    "as_text": "(x) AS CASE WHEN typeof(x) = 'TIMESTAMP' "
    "THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') ELSE CAST(x AS VARCHAR) END",
    "at_timezone": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMPTZ))",
    "bitwise_and": "(a, b) AS a & b",
    "bitwise_or": "(a, b) AS a | b",
    "codepoint": "(x) AS unicode(x)",
    "day_of_month": "(x) AS dayofmonth(x)",
    "from_iso8601_date": "(x) AS CAST(x AS DATE)",
    "from_unixtime_nanos": "(x) AS to_timestamp(x / 1e9)",
    "geometric_mean": "(x) AS exp(avg(ln(x)))",
    "is_finite": "(x) AS isfinite(x)",
    "is_infinite": "(x) AS isinf(x)",
    "is_nan": "(x) AS isnan(x)",
    "json_array_contains": "(x, v) AS "
    "list_contains(CAST(json_extract_string(x, '$[*]') AS VARCHAR[]), CAST(v AS VARCHAR))",
    "json_format": "(x) AS CAST(x AS VARCHAR)",
    "json_size": "(x, p) AS json_array_length(x, p)",
    "map": "(k, v) AS map_from_entries(list_zip(k, v))",
    "map_agg": "(k, v) AS map_from_entries(list_zip(list(k), list(v)))",
    "millisecond": "(x) AS CAST(date_part('millisecond', x) AS BIGINT) % 1000",
    "infinity": "() AS CAST('Infinity' AS DOUBLE)",
    "nan": "() AS CAST('NaN' AS DOUBLE)",
    "rand": "() AS random()",
    "split_to_map": "(x, entries, pairs) AS map_from_entries(list_transform(string_split(x, entries), "
    "lambda each: {'k': split_part(each, pairs, 1), 'v': split_part(each, pairs, 2)}))",
    "to_iso8601": "(x) AS strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ')",
    "truncate": "(x) AS trunc(x)",
    "url_extract_host": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1)",
    "url_extract_parameter": "(x, p) AS regexp_extract(x, '[?&]' || p || '=([^&#]*)', 1)",
    "url_extract_path": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*)', 1)",
    "url_extract_protocol": "(x) AS regexp_extract(x, '^([a-zA-Z][a-zA-Z0-9+.-]*)://', 1)",
    "url_extract_query": r"(x) AS regexp_extract(x, '\?([^#]*)', 1)",
    "with_timezone": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMP))",
    "year_of_week": "(x) AS isoyear(x)",
    "yow": "(x) AS isoyear(x)",
}
"""By name: the rest of CREATE MACRO. ``as_text`` is not Trino's; ``dialect`` writes it for casts to varchar."""
