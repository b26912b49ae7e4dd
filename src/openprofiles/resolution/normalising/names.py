"""Names of people and companies: folded, without titles, suffixes and legal forms."""

import re

from openprofiles.resolution.normalising.folding import fold

_TITLES = "mr|mrs|ms|miss|dr|prof|sir|madam|mx"
_SUFFIXES = "jr|sr|ii|iii|iv|md|phd|esq|junior|senior"
GENERATIONS = ("jr", "sr", "ii", "iii", "iv")
SECOND = GENERATIONS.index("ii")
"""From it on they are numbers."""
_GENERATION = f" ({'|'.join(GENERATIONS)}|junior|senior)$"
# The last name in a whole one, with its suffix.
_LAST = f"(^| )([a-z]+( ({_SUFFIXES}))?)$"
# As it is typed: letters of other alphabets that fold to these are none of them.
_TYPED_SUFFIXES = "|".join(
    "".join(f"[{letter}{letter.upper()}]" for letter in suffix) for suffix in _SUFFIXES.split("|")
)
_AFTER_COMMA = f", *({_TYPED_SUFFIXES})[. ]*"
_LEGAL_FORMS = (
    "inc|incorporated|llc|llp|ltd|limited|corp|corporation|co|company|group|plc|gmbh|ag|kg|sa|srl"
    "|bv|nv|pty"
)
_LEGAL_FORM_WORDS = frozenset(_LEGAL_FORMS.split("|"))
_PLACEHOLDERS = (
    "na|none|null|unknown|test|anonymous|noname|guest|customer|xx|xxx|firstname|lastname"
    "|n a|no name|not provided"
)
_CODED = " ".join(f"when x = '{name}' then {code}" for code, name in enumerate(GENERATIONS))
_PLACEHOLDER_LIST = ", ".join(f"'{word}'" for word in _PLACEHOLDERS.split("|"))

# A macro pastes its argument wherever the parameter stands, so what is costly stands once. Most
# names are one plain word, and take the quick way.
MACROS = (
    "create or replace macro letters(x) as"
    " trim(regexp_replace(replace(fold(x), '''', ''), '[^a-z]+', ' ', 'g'))",
    "create or replace macro real_name(x) as"
    f" nullif(regexp_replace(x, '^({_PLACEHOLDERS})$', ''), '')",
    "create or replace macro plain_word(x) as regexp_full_match(x, '[A-Za-z]+')",
    "create or replace macro real_word(x) as"
    f" case when x in ({_PLACEHOLDER_LIST}) then null else x end",
    "create or replace macro person_name(x) as"
    " case when plain_word(x) then real_word(lower(x))"
    f" else real_name(regexp_replace(regexp_replace(letters(x), '^({_TITLES}) ', ''),"
    f" ' ({_SUFFIXES})$', '')) end",
    "create or replace macro generation(x) as case when x like '% %' then nullif(replace("
    f"replace(regexp_extract(letters(x), '{_GENERATION}', 1), 'junior', 'jr'), 'senior', 'sr'), '')"
    " end",
    # One byte where a text takes sixteen.
    f"create or replace macro generation_code(x) as (case {_CODED} end)::tinyint",
    # `John Q` is a first name and an initial; `Mary Ann` is one name.
    "create or replace macro has_initial(x) as"
    " case when x like '% _' then regexp_full_match(x, '[a-z]{2,} [a-z]') else false end",
    "create or replace macro whole_name(x) as case when x like '%,%'"
    f" then regexp_replace(x, '{_AFTER_COMMA}$', ' \\1') else x end",
    "create or replace macro first_of_whole(x) as case when x like '%,%' then split_part(x, ',', 2)"
    f" else regexp_replace(letters(x), '{_LAST}', '') end",
    "create or replace macro last_of_whole(x) as case when x like '%,%' then split_part(x, ',', 1)"
    f" else regexp_extract(letters(x), '{_LAST}', 2) end",
    "create or replace macro first_of(x) as first_of_whole(whole_name(x))",
    "create or replace macro last_of(x) as last_of_whole(whole_name(x))",
    "create or replace macro business_name(x) as real_name(trim(regexp_replace(regexp_replace("
    " regexp_replace(replace(replace(fold(x), '&', ' and '), '''', ''), '[^a-z0-9]+', ' ', 'g'),"
    f" '( (and )?({_LEGAL_FORMS}))+ *$', ''), '^ *the ', '')))",
)


def letters(text: str) -> str:
    """Only the words of `text`, in a to z."""
    return re.sub("[^a-z]+", " ", fold(text).replace("'", "")).strip(" ")


def _real(text: str) -> str | None:
    return None if text == "" or re.fullmatch(_PLACEHOLDERS, text) else text


def person_name(text: str) -> str | None:
    """A first, middle or last name without title and suffix (`Smith Jr.` -> `smith`); None when
    nothing is left or it is a placeholder.
    """
    return _real(re.sub(f" ({_SUFFIXES})$", "", re.sub(f"^({_TITLES}) ", "", letters(text))))


def generation(text: str) -> str | None:
    """`jr`, `sr`, `ii`, `iii` or `iv` when a name ends so."""
    found = re.search(_GENERATION, letters(text)) if " " in text else None
    return {"junior": "jr", "senior": "sr"}.get(found[1], found[1]) if found else None


def has_initial(name: str) -> bool:
    """Whether a first name is followed by one initial."""
    return re.fullmatch("[a-z]{2,} [a-z]", name) is not None


def first_of(whole: str) -> str:
    """The first name in a whole one: what follows the comma, or all before the last name."""
    whole = _whole_name(whole)
    return whole.split(",")[1] if "," in whole else re.sub(_LAST, "", letters(whole))


def last_of(whole: str) -> str:
    """The last name in a whole one: what comes before the comma, or the last word; either with its
    suffix.
    """
    whole = _whole_name(whole)
    if "," in whole:
        return whole.split(",")[0]
    found = re.search(_LAST, letters(whole))
    return found[2] if found else ""


def _whole_name(text: str) -> str:
    """Without the comma before a suffix: `John Smith, Jr.` is no `Smith, John`."""
    # Python's $ stands before a last line break, too; that of SQL does not.
    return re.sub(rf"{_AFTER_COMMA}\Z", r" \1", text)


def business_name(text: str) -> str | None:
    """A company's name without its legal form (`Acme & Sons, Inc.` -> `acme and sons`)."""
    words = re.sub("[^a-z0-9]+", " ", fold(text).replace("&", " and ").replace("'", ""))
    return _real(re.sub("^ *the ", "", _without_legal_forms(words)).strip(" "))


def _without_legal_forms(words: str) -> str:
    """Without the legal forms at the end, each perhaps with an `and`; the first word stays.

    Not by an expression: Python's would go through a long run of them from each place in it.
    """
    kept = words.rstrip(" ").split(" ")
    while len(kept) > 1 and kept[-1] in _LEGAL_FORM_WORDS:
        kept.pop()
        if len(kept) > 1 and kept[-1] == "and":
            kept.pop()
    return " ".join(kept)
