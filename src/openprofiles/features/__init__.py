"""The product: one room per capability; `invoke` is the way in."""
