"""Who can read what: shown by queries, or evaluated where nobody may act as the reader."""
