"""What the demo asks as the Lambda role: how each queue did, as a contact centre's wallboard would show it."""

from __future__ import annotations

from typing import Final

from lakeshare.access.query import QueryResult

SQL: Final = """\
SELECT r.queue_name AS queue,
       count(*) AS contacts,
       sum(s.is_handled) AS handled,
       sum(s.is_abandoned) AS abandoned,
       cast(round(avg(s.queue_answer_time_ms) / 1000) AS integer) AS seconds_to_answer,
       100 * count_if(s.is_handled = 1 AND s.queue_answer_time_ms <= 20000) / count(*) AS percent_in_20_s
FROM contact_statistic_record_link s
JOIN contact_record_link r ON r.instance_id = s.instance_id AND r.contact_id = s.contact_id
WHERE s.instance_id = '{instance}' AND r.queue_name IS NOT NULL
GROUP BY r.queue_name
ORDER BY contacts DESC, queue"""
"""Contacts and service level (answered within 20 seconds) by queue, through two of the resource links."""


def sql_for(instance: str) -> str:
    """Return the question about *instance*."""
    return SQL.format(instance=instance)


def is_an_answer(result: QueryResult) -> bool:
    """Whether there is at least one queue, and every queue has a name and contacts."""
    return bool(result.rows) and all(row[0] and int(row[1] or 0) > 0 for row in result.rows)
