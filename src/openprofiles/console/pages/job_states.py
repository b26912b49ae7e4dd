"""How far long work is, in words: the states that imports and replays have in common."""

JOB_STATES = {
    "RUNNING": ("under way", "busy"),
    "COMPLETED": ("done", "good"),
    "STOPPED": ("stopped", "warn"),
    "FAILED": ("failed", "bad"),
}
"""Status -> in a word, and its kind of badge."""
