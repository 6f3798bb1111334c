"""Functions of Trino that DuckDB has under another name or not at all, as macros that each engine is given."""

from __future__ import annotations

from collections.abc import Mapping

MACROS: Mapping[str, str] = {
    "array_distinct": "(a) AS list_transform(list_filter(list_transform(a, lambda x, i: {'x': x, 'i': i}), "
    "lambda each: list_position(a, each.x) = each.i), lambda each: each.x)",
    "array_except": "(a, b) AS list_filter(a, lambda each: NOT list_contains(b, each))",
    "array_max": "(a) AS list_max(a)",
    "array_min": "(a) AS list_min(a)",
    "array_remove": "(a, x) AS list_filter(a, lambda each: each <> x)",
    "array_subscript": "(a, i) AS CASE WHEN i > len(a) THEN error('Array subscript must be less than or equal to array "
    "length: ' || i || ' > ' || len(a)) ELSE list_extract(a, i) END",
    "array_union": "(a, b) AS array_distinct(list_concat(a, b))",
    "arrays_overlap": "(a, b) AS list_has_any(a, b)",
    "as_text": "(x) AS CASE WHEN typeof(x) = 'TIMESTAMP' "
    "THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') ELSE CAST(x AS VARCHAR) END",
    "at_timezone": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMPTZ))",
    "bitwise_and": "(a, b) AS a & b",
    "bitwise_or": "(a, b) AS a | b",
    "codepoint": "(x) AS unicode(x)",
    "day_of_month": "(x) AS dayofmonth(x)",
    "every": "(x) AS bool_and(x)",
    "from_base": "(x, base) AS list_reduce(list_prepend(0::BIGINT, list_transform(string_split(lower(x), ''), "
    "lambda digit: strpos('0123456789abcdefghijklmnopqrstuvwxyz', digit) - 1)), lambda sum, digit: sum * base + digit)",
    "from_big_endian_64": "(x) AS CAST('0x' || hex(x) AS BIGINT)",
    "from_iso8601_date": "(x) AS CAST(x AS DATE)",
    "from_unixtime_nanos": "(x) AS to_timestamp(x / 1e9)",
    "geometric_mean": "(x) AS exp(avg(ln(x)))",
    "is_finite": "(x) AS isfinite(x)",
    "is_infinite": "(x) AS isinf(x)",
    "is_nan": "(x) AS isnan(x)",
    "json_array_get": "(x, i) AS "
    "json_extract(x, '$[' || CASE WHEN i < 0 THEN '#' || i ELSE CAST(i AS VARCHAR) END || ']')",
    "json_array_contains": "(x, v) AS "
    "list_contains(CAST(json_extract_string(x, '$[*]') AS VARCHAR[]), CAST(v AS VARCHAR))",
    "json_format": "(x) AS CAST(x AS VARCHAR)",
    "json_size": "(x, p) AS json_array_length(x, p)",
    "map": "(k, v) AS map_from_entries(list_zip(k, v))",
    "map_agg": "(k, v) AS map_from_entries(list_zip(list(k), list(v)))",
    "multimap_agg": "(k, v) AS map_from_entries(list_transform(list_distinct(list(k)), lambda name: {'k': name, "
    "'v': list_transform(list_filter(list_zip(list(k), list(v)), lambda each: each[1] = name), "
    "lambda each: each[2])}))",
    "millisecond": "(x) AS CAST(date_part('millisecond', x) AS BIGINT) % 1000",
    "infinity": "() AS CAST('Infinity' AS DOUBLE)",
    "ngrams": "(a, n) AS list_transform(range(1, greatest(len(a) - n + 2, 2)), lambda i: list_slice(a, i, i + n - 1))",
    "nan": "() AS CAST('NaN' AS DOUBLE)",
    "rand": "() AS random()",
    "repeated": "(x, n) AS list_transform(range(n), lambda each: x)",
    "shuffle": "(a) AS list_sort(a)",
    "split_nth": "(x, delimiter, n) AS list_extract(string_split(x, delimiter), n)",
    "split_to_map": "(x, entries, pairs) AS map_from_entries(list_transform(string_split(x, entries), "
    "lambda each: {'k': split_part(each, pairs, 1), 'v': split_part(each, pairs, 2)}))",
    "split_to_multimap": "(x, entries, pairs) AS map_from_entries(list_transform(list_distinct(list_transform("
    "string_split(x, entries), lambda each: split_part(each, pairs, 1))), lambda name: {'k': name, "
    "'v': list_transform(list_filter(string_split(x, entries), lambda each: split_part(each, pairs, 1) = name), "
    "lambda each: split_part(each, pairs, 2))}))",
    "to_big_endian_64": "(x) AS unhex(printf('%016x', x))",
    "to_iso8601": "(x) AS CASE typeof(x) WHEN 'DATE' THEN CAST(CAST(x AS DATE) AS VARCHAR) "
    "WHEN 'TIMESTAMP' THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') "
    "ELSE strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') END",
    "truncate": "(x) AS trunc(x)",
    "url_extract_host": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1)",
    "url_extract_parameter": "(x, p) AS regexp_extract(x, '[?&]' || p || '=([^&#]*)', 1)",
    "url_extract_path": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*)', 1)",
    "url_extract_protocol": "(x) AS regexp_extract(x, '^([a-zA-Z][a-zA-Z0-9+.-]*)://', 1)",
    "url_extract_query": r"(x) AS regexp_extract(x, '\?([^#]*)', 1)",
    "width_bucket": "(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
    "ELSE CAST(floor((x - low) / (high - low) * n) AS BIGINT) + 1 END",
    "with_timezone": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMP))",
    "year_of_week": "(x) AS isoyear(x)",
    "yow": "(x) AS isoyear(x)",
}
"""
By name: the rest of CREATE MACRO. Not Trino's, and written by ``dialect``, are ``array_subscript`` for ``a[i]``,
``as_text`` for casts to varchar, ``repeated`` for repeat and ``split_nth`` for split_part.
"""
