"""The outside world: recordings, processes, caches, models. Never imports the pipeline."""
