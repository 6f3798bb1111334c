"""Functions of Trino that DuckDB has under another name or not at all, as macros that each engine is given."""

from __future__ import annotations

from collections.abc import Mapping

_COLLAPSED = "{}"
for _digit in "123456":
    _COLLAPSED = f"regexp_replace({_COLLAPSED}, '{_digit}+', '{_digit}', 'g')"

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
    "THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') "
    "WHEN typeof(x) = 'JSON' THEN json_extract_string(CAST(x AS VARCHAR), '$') ELSE CAST(x AS VARCHAR) END",
    "approx_most_frequent": "(n, x, capacity) AS map_from_entries(list_transform(list_slice(list_reverse_sort("
    "list_transform(map_entries(histogram(x)), lambda each: {'n': each.value, 'k': each.key})), 1, n), "
    "lambda each: {'k': each.k, 'v': each.n}))",
    "bits_set": "(x, bits) AS CAST(bit_count(CASE WHEN bits < 64 THEN CAST(x AS BIGINT) & ((1::BIGINT << bits) - 1) "
    "ELSE CAST(x AS BIGINT) END) AS BIGINT)",
    "bitwise_left_shift": "(x, n) AS CAST(x AS BIGINT) << n",
    "bitwise_right_shift": "(x, n) AS CASE WHEN x >= 0 OR n = 0 THEN CAST(x AS BIGINT) >> n "
    "ELSE (CAST(x AS BIGINT) >> n) & ((1::BIGINT << (64 - n)) - 1) END",
    "bitwise_right_shift_arithmetic": "(x, n) AS CAST(x AS BIGINT) >> n",
    "bitwise_and": "(a, b) AS a & b",
    "bitwise_or": "(a, b) AS a | b",
    "codepoint": "(x) AS unicode(x)",
    "combinations": "(a, n) AS list_transform(list_filter(range(1::BIGINT << len(a)), "
    "lambda mask: bit_count(mask) = n), lambda mask: list_filter(a, lambda x, i: (mask >> (i - 1)) & 1 = 1))",
    "contains_sequence": "(a, b) AS len(b) = 0 OR len(list_filter(range(1, len(a) + 1), "
    "lambda i: list_slice(a, i, i + len(b) - 1) = b)) > 0",
    "current_timezone": "() AS 'UTC'",
    "day_of_month": "(x) AS dayofmonth(x)",
    "e": "() AS exp(1)",
    "every": "(x) AS bool_and(x)",
    "form_decoded": "(x) AS url_decode(replace(x, '+', ' '))",
    "form_encoded": "(x) AS replace(replace(replace(url_encode(x), '%20', '+'), '%2A', '*'), '~', '%7E')",
    "from_base": "(x, base) AS list_reduce(list_prepend(0::BIGINT, list_transform(string_split(lower(x), ''), "
    "lambda digit: strpos('0123456789abcdefghijklmnopqrstuvwxyz', digit) - 1)), lambda sum, digit: sum * base + digit)",
    "from_big_endian_64": "(x) AS CAST('0x' || hex(x) AS BIGINT)",
    "from_iso8601_date": "(x) AS CAST(x AS DATE)",
    "from_unixtime_nanos": "(x) AS to_timestamp(x / 1e9)",
    "geometric_mean": "(x) AS exp(avg(ln(x)))",
    "hamming_distance": "(a, b) AS hamming(a, b)",
    "human_readable_seconds": "(x) AS CASE WHEN round(x) = 0 THEN '0 seconds' ELSE array_to_string(list_transform("
    "list_filter(["
    "{'n': CAST(round(x) AS BIGINT) // 604800, 'unit': 'week'}, "
    "{'n': CAST(round(x) AS BIGINT) // 86400 % 7, 'unit': 'day'}, "
    "{'n': CAST(round(x) AS BIGINT) // 3600 % 24, 'unit': 'hour'}, "
    "{'n': CAST(round(x) AS BIGINT) // 60 % 60, 'unit': 'minute'}, "
    "{'n': CAST(round(x) AS BIGINT) % 60, 'unit': 'second'}], lambda each: each.n > 0), "
    "lambda each: each.n || ' ' || each.unit || CASE WHEN each.n = 1 THEN '' ELSE 's' END), ', ') END",
    "is_finite": "(x) AS isfinite(x)",
    "is_infinite": "(x) AS isinf(x)",
    "is_json_scalar": "(x) AS json_type(CAST(x AS VARCHAR)) NOT IN ('ARRAY', 'OBJECT')",
    "is_nan": "(x) AS isnan(x)",
    "json_array_get": "(x, i) AS "
    "json_extract(x, '$[' || CASE WHEN i < 0 THEN '#' || i ELSE CAST(i AS VARCHAR) END || ']')",
    "json_array_contains": "(x, v) AS "
    "list_contains(CAST(json_extract_string(x, '$[*]') AS VARCHAR[]), CAST(v AS VARCHAR))",
    "json_format": "(x) AS CAST(x AS VARCHAR)",
    "json_scalar": "(text, value) AS CASE WHEN json_type(value) IN ('ARRAY', 'OBJECT') THEN NULL ELSE text END",
    "json_size": "(x, p) AS CASE json_type(x, p) WHEN 'ARRAY' THEN json_array_length(x, p) "
    "WHEN 'OBJECT' THEN len(json_keys(x, p)) ELSE CASE WHEN json_type(x, p) IS NOT NULL THEN 0 END END",
    "map": "(k, v) AS map_from_entries(list_zip(k, v))",
    "map_agg": "(k, v) AS map_from_entries(list_zip(list(k), list(v)))",
    "map_subscript": "(m, k) AS CASE WHEN m IS NOT NULL AND NOT map_contains(m, k) "
    "THEN error('Key not present in map: ' || k) ELSE map_extract_value(m, k) END",
    "map_union": "(m) AS map_from_entries(list_transform(list_distinct(flatten(list(map_keys(m)))), lambda name: "
    "{'k': name, 'v': list_extract(list_filter(flatten(list(map_entries(m))), lambda each: each.key = name), "
    "1).value}))",
    "map_value": "(m, k) AS map_extract_value(m, k)",
    "moment_in": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMP))",
    "multimap_agg": "(k, v) AS map_from_entries(list_transform(list_distinct(list(k)), lambda name: {'k': name, "
    "'v': list_transform(list_filter(list_zip(list(k), list(v)), lambda each: each[1] = name), "
    "lambda each: each[2])}))",
    "multimap_from_entries": "(a) AS map_from_entries(list_transform(list_distinct(list_transform(a, "
    "lambda each: each[1])), lambda name: {'k': name, 'v': list_transform(list_filter(a, "
    "lambda each: each[1] = name), lambda each: each[2])}))",
    "millisecond": "(x) AS CAST(date_part('millisecond', x) AS BIGINT) % 1000",
    "infinity": "() AS CAST('Infinity' AS DOUBLE)",
    "ngrams": "(a, n) AS list_transform(range(1, greatest(len(a) - n + 2, 2)), lambda i: list_slice(a, i, i + n - 1))",
    "nan": "() AS CAST('NaN' AS DOUBLE)",
    "normalize": "(x) AS nfc_normalize(x)",
    "parse_data_size": "(x) AS CAST(floor(CAST(regexp_extract(x, '^([0-9.]+)', 1) AS DOUBLE) * pow(1024, "
    "strpos('BKMGTPEZY', left(regexp_extract(x, '([A-Za-z]+)$', 1), 1)) - 1)) AS DECIMAL(38, 0))",
    "parse_duration": "(x) AS to_microseconds(CAST(round(CAST(regexp_extract(x, '^\\s*([0-9.]+)', 1) AS DOUBLE) * "
    "CASE regexp_extract(x, '([a-z]+)\\s*$', 1) WHEN 'ns' THEN 0.001 WHEN 'us' THEN 1 WHEN 'ms' THEN 1000 "
    "WHEN 's' THEN 1000000 WHEN 'm' THEN 60000000 WHEN 'h' THEN 3600000000 WHEN 'd' THEN 86400000000 "
    "ELSE error('duration is not a valid data duration string: ' || x) END) AS BIGINT))",
    "parse_presto_data_size": "(x) AS parse_data_size(x)",
    "place_of": "(x, y, n) AS CASE WHEN len(string_split(x, y)) <= n THEN 0 ELSE "
    "len(array_to_string(list_slice(string_split(x, y), 1, n), y)) + 1 END",
    "rand": "() AS random()",
    "regexp_position": "(x, p) AS CASE WHEN regexp_matches(x, p) THEN strpos(x, regexp_extract(x, p)) ELSE -1 END",
    "repeated": "(x, n) AS list_transform(range(n), lambda each: x)",
    "shuffle": "(a) AS list_sort(a)",
    "sounding": "(x) AS rpad(left(upper(left(x, 1)) || replace(substr("
    + _COLLAPSED.format(
        "translate(upper(left(x, 1)) || regexp_replace(upper(substr(x, 2)), '[^A-Z]|[HW]', '', 'g'), "
        "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202')"
    )
    + ", 2), '0', ''), 4), 4, '0')",
    "split_at_most": "(x, delimiter, most) AS CASE WHEN len(string_split(x, delimiter)) <= most "
    "THEN string_split(x, delimiter) ELSE list_append(list_slice(string_split(x, delimiter), 1, most - 1), "
    "array_to_string(list_slice(string_split(x, delimiter), most, len(string_split(x, delimiter))), delimiter)) END",
    "split_nth": "(x, delimiter, n) AS list_extract(string_split(x, delimiter), n)",
    "split_to_map": "(x, entries, pairs) AS map_from_entries(list_transform(string_split(x, entries), "
    "lambda each: {'k': split_part(each, pairs, 1), 'v': split_part(each, pairs, 2)}))",
    "split_to_multimap": "(x, entries, pairs) AS map_from_entries(list_transform(list_distinct(list_transform("
    "string_split(x, entries), lambda each: split_part(each, pairs, 1))), lambda name: {'k': name, "
    "'v': list_transform(list_filter(string_split(x, entries), lambda each: split_part(each, pairs, 1) = name), "
    "lambda each: split_part(each, pairs, 2))}))",
    "to_big_endian_64": "(x) AS unhex(printf('%016x', x))",
    "to_milliseconds": "(x) AS CAST(round(epoch(x) * 1000) AS BIGINT)",
    "to_iso8601": "(x) AS CASE typeof(x) WHEN 'DATE' THEN CAST(CAST(x AS DATE) AS VARCHAR) "
    "WHEN 'TIMESTAMP' THEN strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%g') "
    "ELSE strftime(CAST(x AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ') END",
    "trim_array": "(a, n) AS list_slice(a, 1, len(a) - n)",
    "trino_type": "(x) AS CASE x WHEN 'TIMESTAMP' THEN 'timestamp(3)' WHEN 'TIMESTAMP WITH TIME ZONE' "
    "THEN 'timestamp(3) with time zone' WHEN 'BLOB' THEN 'varbinary' WHEN 'FLOAT' THEN 'real' "
    "WHEN 'TIME' THEN 'time(3)' WHEN 'INTERVAL' THEN 'interval day to second' WHEN '\"NULL\"' THEN 'unknown' "
    "ELSE regexp_replace(regexp_replace(lower(x), 'struct\\(', 'row(', 'g'), '^(.*)\\[\\]$', 'array(\\1)') END",
    "truncate": "(x) AS trunc(x)",
    "url_extract_fragment": "(x) AS regexp_extract(x, '#(.*)$', 1)",
    "url_extract_port": "(x) AS "
    "TRY_CAST(regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*:([0-9]+)', 1) AS BIGINT)",
    "url_extract_host": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1)",
    "url_extract_parameter": "(x, p) AS regexp_extract(x, '[?&]' || p || '=([^&#]*)', 1)",
    "url_extract_path": "(x) AS regexp_extract(x, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*)', 1)",
    "url_extract_protocol": "(x) AS regexp_extract(x, '^([a-zA-Z][a-zA-Z0-9+.-]*)://', 1)",
    "url_extract_query": r"(x) AS regexp_extract(x, '\?([^#]*)', 1)",
    "wall_clock": "(x, zone) AS timezone(zone, CAST(x AS TIMESTAMPTZ))",
    "width_bucket": "(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
    "ELSE CAST(floor((x - low) / (high - low) * n) AS BIGINT) + 1 END",
    "year_of_week": "(x) AS isoyear(x)",
    "zip": "(a, b) AS list_zip(a, b)",
    "yow": "(x) AS isoyear(x)",
}
"""
By name: the rest of CREATE MACRO. Not Trino's, and written by ``dialect`` and its neighbours, are ``array_subscript``
and ``map_subscript`` for ``a[i]``, ``as_text`` for casts to varchar, ``wall_clock`` for AT TIME ZONE, and
those called by a participle or a noun, ``repeated`` for repeat say, where the engine's function of the name is another.
"""
