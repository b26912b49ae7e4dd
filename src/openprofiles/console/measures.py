"""Sizes and times as people say them."""

from datetime import timedelta

_UNITS = ("KB", "MB", "GB", "TB")
_STEPS = (("day", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def size_words(size: int) -> str:
    """A number of bytes: `3.4 GB`."""
    if size < 1000:
        return f"{size} bytes"
    value, place = size / 1000, 0
    # Where it is rounded it must not become a thousand of its unit.
    while value >= 999.5 and place < len(_UNITS) - 1:
        value, place = value / 1000, place + 1
    return f"{value:.0f} {_UNITS[place]}" if value >= 99.95 else f"{value:.1f} {_UNITS[place]}"


def span_words(span: timedelta) -> str:
    """How long something took, by its two largest units: `2 h 5 min`, `0.4 s`."""
    seconds = span.total_seconds()
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    rest = round(seconds)
    parts: list[str] = []
    for name, length in _STEPS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append(_counted(count, name))
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0 "))


def _counted(count: int, name: str) -> str:
    return f"{count} {name}s" if name == "day" and count != 1 else f"{count} {name}"
