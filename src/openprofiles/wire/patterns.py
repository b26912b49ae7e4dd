"""The model's patterns as Python's regular expressions."""


def anchored(pattern: str) -> str:
    r"""A pattern of the model, to be searched for.

    One without anchors is matched against the whole value (`[a-f0-9]{32}`), one with an anchor as
    it stands (`^arn:[a-z0-9]{1,10}:profile` is the beginning of an ARN). Classes such as `\d` mean
    ASCII; `$` is the very end.
    """
    if pattern.startswith("^") or pattern.endswith("$"):
        body = pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
    else:
        body = rf"\A(?:{pattern})\Z"
    return f"(?a){body}"
