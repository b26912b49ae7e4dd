"""E-mail addresses: case, plus-tags and provider rules folded; placeholders are none."""

import re

from openprofiles.resolution.normalising.folding import fold

_PLACEHOLDER_LOCALS = (
    "", "noemail", "none", "na", "n/a", "test", "noreply", "no-reply", "no", "unknown", "nomail",
    "notprovided", "x", "xx", "xxx", "null",
)  # fmt: skip
_PLACEHOLDER_DOMAINS = (
    "example.com", "example.org", "example.net", "test.com", "none.com", "noemail.com",
    "email.invalid",
)  # fmt: skip
_GMAIL = ("gmail.com", "googlemail.com")
ROLES = (
    "info|office|sales|support|contact|admin|hello|mail|team|service|billing|accounts|accounting"
    "|help|hr|orders|reception|enquiries|inquiries|marketing|webmaster|postmaster|kontakt|buero"
)
SHAPE = "[^@ ]{1,64}@[^@ ]{1,250}[.][^@ .]+"


def _listed(texts: tuple[str, ...]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


# Most addresses are plain, and take the quick way.
_PLAIN = "[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,250}[.][a-z0-9-]+"

MACROS = (
    "create or replace macro mail_text(x) as"
    " case when contains(x, '<') then trim(regexp_extract(fold(x), '<([^>]*)>', 1))"
    " else trim(fold(x)) end",
    f"create or replace macro mail(x) as case when regexp_full_match(x, '{_PLAIN}') then x"
    f" when regexp_full_match(mail_text(x), '{SHAPE}') then mail_text(x) end",
    "create or replace macro mail_local(x) as split_part(split_part(x, '@', 1), '+', 1)",
    "create or replace macro mail_domain(x) as split_part(x, '@', 2)",
    "create or replace macro email_address(local, domain) as case"
    f" when local in ({_listed(_PLACEHOLDER_LOCALS)}) then null"
    f" when domain in ({_listed(_PLACEHOLDER_DOMAINS)}) then null"
    f" when domain in ({_listed(_GMAIL)}) then replace(local, '.', '') || '@gmail.com'"
    " else local || '@' || domain end",
    # Equal to a name, it has no digit.
    "create or replace macro spells(x, first, last) as case"
    " when first is null or last is null then false else"
    " replace(replace(replace(split_part(x, '@', 1), '.', ''), '_', ''), '-', '') in"
    " (first || last, last || first, left(first, 1) || last, first || left(last, 1)) end",
)


def email_address(text: str) -> str | None:
    """The address mail really goes to, also of `Name <address>`; None for no address or a
    placeholder.
    """
    folded = fold(text)
    if "<" in text:
        # Not by an expression: it would begin anew at each of many brackets that nothing closes.
        inner, closes, _ = folded.partition("<")[2].partition(">")
        folded = inner if closes else ""
    folded = folded.strip(" ")
    if not re.fullmatch(SHAPE, folded):
        return None
    local, domain = folded.split("@")
    local = local.split("+")[0]
    if local in _PLACEHOLDER_LOCALS or domain in _PLACEHOLDER_DOMAINS:
        return None
    if domain in _GMAIL:
        return local.replace(".", "") + "@gmail.com"
    return f"{local}@{domain}"


def spells(address: str, first_name: str | None, last_name: str | None) -> bool:
    """Whether the part before the @ is no more than the holder's name, which a namesake may have
    too.
    """
    if first_name is None or last_name is None:
        return False
    return re.sub("[._-]", "", address.split("@")[0]) in {
        first_name + last_name,
        last_name + first_name,
        first_name[:1] + last_name,
        first_name + last_name[:1],
    }
