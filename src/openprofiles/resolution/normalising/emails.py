"""E-mail addresses: case, plus-tags and provider rules folded; placeholders are none."""

import re

from openprofiles.resolution.normalising.folding import fold

_PLACEHOLDER_LOCALS = (
    "noemail|none|na|n/a|test|noreply|no-reply|no|unknown|nomail|notprovided|x|xx|xxx|null"
)
_PLACEHOLDER_DOMAINS = "example[.](com|org|net)|test[.]com|none[.]com|noemail[.]com|email[.]invalid"
_JUNK = f"(({_PLACEHOLDER_LOCALS})?([+][^@]*)?@.*|[^@]*@({_PLACEHOLDER_DOMAINS}))"
ROLES = (
    "info|office|sales|support|contact|admin|hello|mail|team|service|billing|accounts|accounting"
    "|help|hr|orders|reception|enquiries|inquiries|marketing|webmaster|postmaster|kontakt|buero"
)
SHAPE = "[^@ ]{1,64}@[^@ ]{1,250}[.][^@ .]+"

MACROS = (
    "create or replace temp macro mail_text(x) as"
    " case when contains(x, '<') then trim(regexp_extract(fold(x), '<([^>]*)>', 1))"
    " else trim(fold(x)) end",
    "create or replace temp macro email_address(x) as case"
    f" when not regexp_full_match(x, '{SHAPE}') or regexp_full_match(x, '{_JUNK}') then null"
    " when x like '%@gmail.com' or x like '%@googlemail.com' then"
    " replace(split_part(split_part(x, '@', 1), '+', 1), '.', '') || '@gmail.com'"
    " when contains(x, '+') then"
    " split_part(split_part(x, '@', 1), '+', 1) || '@' || split_part(x, '@', 2) else x end",
    "create or replace temp macro spelt(x) as"
    " regexp_replace(split_part(x, '@', 1), '[^a-z]+', '', 'g')",
    "create or replace temp macro spells(x, first, last) as case"
    " when first is null or last is null then false"
    " when regexp_matches(split_part(x, '@', 1), '[0-9]') then false else spelt(x) in"
    " (first || last, last || first, left(first, 1) || last, first || left(last, 1)) end",
)


def mail_text(text: str) -> str:
    """Folded and trimmed text, of `Name <address>` the address."""
    if "<" in text:
        found = re.search("<([^>]*)>", fold(text))
        return found[1].strip(" ") if found else ""
    return fold(text).strip(" ")


def email_address(folded: str) -> str | None:
    """The address mail really goes to, of what `mail_text` gives; None for no address or a
    placeholder.
    """
    if not re.fullmatch(SHAPE, folded) or re.fullmatch(_JUNK, folded):
        return None
    local, domain = folded.split("@")
    local = local.split("+")[0]
    if domain in {"gmail.com", "googlemail.com"}:
        return local.replace(".", "") + "@gmail.com"
    return f"{local}@{domain}"


def spells(address: str, first_name: str | None, last_name: str | None) -> bool:
    """Whether the part before the @ is no more than the holder's name, which a namesake may have
    too.
    """
    local = address.split("@")[0]
    if first_name is None or last_name is None or re.search("[0-9]", local):
        return False
    return re.sub("[^a-z]+", "", local) in {
        first_name + last_name,
        last_name + first_name,
        first_name[:1] + last_name,
        first_name + last_name[:1],
    }
