"""The outside world: recordings that are nasty, processes that fail, caches that are damaged."""
