"""Soak: many connections, slow ones among them, for a long time, and what that does to the rest."""
