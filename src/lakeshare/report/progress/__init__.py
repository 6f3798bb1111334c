"""How a run is getting on, told while it runs: counts, what is being waited for, and an honest time left."""

from lakeshare.report.progress.listeners import LineProgress, Progress, progress_on

__all__ = ["LineProgress", "Progress", "progress_on"]
