"""
Synthetic records for every table of Connect's lake: a made-up contact centre whose days add up.

``make_history`` draws the centre (queues, agents, hierarchies), its shifts and its contacts; ``records`` writes any
table of the catalogue from it, so that keys join and durations agree across tables; ``ParquetWriter`` turns rows into
a file. Everything follows from (instance, contacts, anchor, seed): the same four give the same values, whichever tables
are made.

    chance -> centre -> roster -> simulation -> history -> records (by domain, then fallback) -> parquet
"""

from __future__ import annotations

from lakeshare.sandbox.synthesis.centre import Instance
from lakeshare.sandbox.synthesis.columns import engine_columns, glue_type
from lakeshare.sandbox.synthesis.history import History, make_history
from lakeshare.sandbox.synthesis.parquet import ParquetWriter
from lakeshare.sandbox.synthesis.records import records

__all__ = ["History", "Instance", "ParquetWriter", "engine_columns", "glue_type", "make_history", "records"]
