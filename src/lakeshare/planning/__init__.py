"""Deciding, all of it pure: from a spec and what was observed to a plan."""
