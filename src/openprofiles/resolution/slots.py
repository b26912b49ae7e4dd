"""Where a record's phones and e-mail addresses stand: in slots, the first ones filled."""

from openprofiles.resolution.fields import EMAILS, PHONES

PHONE_SLOTS, EMAIL_SLOTS = len(PHONES), len(EMAILS)
FEW = 2
"""So many of each are in `features`, which has a row for every record; the others are in
`further`, which has rows for those who have more: hardly one in a hundred.
"""
TABLES = ("features", "further")


def table_of(slot: int) -> str:
    """The table that has the phone and the address of this slot, from 1 on."""
    return "features" if slot <= FEW else "further"
