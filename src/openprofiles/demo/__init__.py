"""A domain to look at: an invented company with customers of several sources.

`filling.fill` does it all, through the operations of the service; `words` is shared with the
measurements.
"""
