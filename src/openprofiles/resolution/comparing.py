"""The step that compares: two rows of `features` to a pattern of levels, in SQL.

`levels.py` says the same for one pair in Python; a test holds the two together. Each similarity is
computed once, and only for the pairs that need it: a CASE runs a branch on the rows that reach it,
AND and OR run on all.
"""

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, PLACES
from openprofiles.resolution.normalising.names import SECOND
from openprofiles.resolution.slots import EMAIL_SLOTS, FEW, PHONE_SLOTS

_COLUMNS = (
    "first_name",
    "middle_name",
    "last_name",
    "generation",
    "birth",
    "business",
    "house",
    "street",
    "zip",
    "town",
    "is_company",
    "last_tier",
    "name_tier",
    "town_is_rare",
    "p1",
    "p2",
    "m1",
    "m2",
)

MACROS = (
    "create or replace macro similarity(x, y) as jaro_winkler_similarity(x, y)",
    "create or replace macro one_slip(x, y) as"
    # The plain distance is five times cheaper, and rules most out.
    " case when levenshtein(x, y) > 2 then false else damerau_levenshtein(x, y) <= 1 end",
    # A number that is one digit and zeros: what a changed digit leaves; nine times such: two
    # neighbours exchanged.
    "create or replace macro is_round(n) as n % (10 ** floor(log10(n)))::bigint = 0",
    "create or replace macro is_slip(n) as"
    " case when n < 1 then false when is_round(n) then true"
    " when n % 9 = 0 then is_round(n // 9) else false end",
)


def select(pairs: str, identifiers: int) -> str:
    """SELECT l, r, found, pattern for every row (l, r, found) of `pairs`, whose records are in
    `features` and `further`.
    """
    first = _level("first_name")
    levels = {
        "first_name": _first_name(first),
        "middle_name": _middle_name(_level("middle_name")),
        "generation": _generation(_level("generation")),
        "birth_date": _birth_date(_level("birth_date")),
        "phone": _phone(_level("phone")),
        "email": _email(_level("email")),
        "address": _address(_level("address")),
        "place": _place(_level("place")),
        "business": _business(_level("business")),
        "identifier": _identifier(identifiers),
    }
    whole = ", ".join(
        str(first[name])
        for name in ("full_unique", "full_rare", "full_known", "full_common", "swapped")
    )
    columns = ", ".join(f"{sql} as {name}_level" for name, sql in levels.items())
    packed = " + ".join(
        f"({attribute.name}_level::bigint << {BITS * PLACES[attribute.name]})"
        for attribute in ATTRIBUTES
    )
    return f"""
select l, r, found, {packed} as pattern from (
  select *, case when first_name_level in ({whole}) then 0
    else {_last_name(_level("last_name"))} end as last_name_level
  from (select *, {columns} from ({_seen(pairs, identifiers)}))
)"""


def _seen(pairs: str, identifiers: int) -> str:
    """Both rows of each pair side by side, with what is computed once.

    An alias used in the same SELECT is pasted, not computed once: hence a level for each thing that
    builds on another. Joined on dense numbers, DuckDB keeps `features` in columns and fetches every
    value from far away each time it is looked at; the shift makes it fetch a row in one go, in a
    fifth less time and memory. What few have is looked up last, and not carried along: that is
    what a nullif is for, which takes both records and gives its first.
    """
    columns = (*_COLUMNS, *(f"i{slot}" for slot in range(1, identifiers + 1)))
    sides = ", ".join(f"{side}.{name} as {side}_{name}" for name in columns for side in "ab")
    return f"""
select *, case when not phone_area then false
    when coalesce(a_p2, b_p2) is null then is_slip(abs((a_p1 >> 2) - (b_p1 >> 2)))
    else {_any("is_slip(abs((a_p{0} >> 2) - (b_p{1} >> 2)))")} end as phone_slip,
  case when local_similarity is null or local_similarity < 0.93 then false
    when coalesce(a_m2, b_m2) is null then abs(length(a_m1) - length(b_m1)) < 2
    else {_any("abs(length(a_m{0}) - length(b_m{1})) < 2 and similarity(a_m{0}, b_m{1}) >= 0.93")}
    end as local_slip
from (
  select *, case when phones_known and shared_phone is null
      then {_any("a_p{0} // 40000000 = b_p{1} // 40000000")} else false end as phone_area,
    case when emails_known and shared_email is null
      then case when coalesce(a_m2, b_m2) is null
        then similarity(a_m1, b_m1) else greatest({_each("similarity(a_m{0}, b_m{1})")}) end
      end as local_similarity
  from (
    select a.rid as l, b.rid as r, found, {sides}, nickname_pairs.key is not null as is_nickname,
      case when a.first_name <> b.first_name
        then similarity(a.first_name, b.first_name) end as first_similarity,
      case when a.last_name <> b.last_name
        then similarity(a.last_name, b.last_name) end as last_similarity,
      a.p1 is not null and b.p1 is not null as phones_known,
      a.e1 is not null and b.e1 is not null as emails_known,
      {_shared("p", PHONE_SLOTS)} as shared_phone, {_shared("e", EMAIL_SLOTS)} as shared_email
    from {pairs} join features a on a.rid::bigint << 8 = l::bigint << 8
    join features b on b.rid::bigint << 8 = r::bigint << 8
    left join further more_a on more_a.rid = nullif(a.rid, b.rid)
    left join further more_b on more_b.rid = nullif(b.rid, a.rid)
    left join nickname_pairs on nickname_pairs.key = a.nickname * 10000 + b.nickname
  )
)"""


def _each(expression: str) -> str:
    """`expression` for the first two values of one record with the first two of the other."""
    return ", ".join(expression.format(one, other) for one in (1, 2) for other in (1, 2))


def _any(condition: str) -> str:
    """Whether `condition` holds for one of these."""
    return " or ".join(
        f"coalesce({condition.format(one, other)}, false)" for one in (1, 2) for other in (1, 2)
    )


def _shared(letter: str, slots: int) -> str:
    """The least kind of the values that both records have; null when they share none."""

    def value(side: str, slot: int) -> str:
        return f"{'more_' if slot > FEW else ''}{side}.{letter}{slot}"

    def kind(slot: int, others: int) -> str:
        ours = value("a", slot)
        theirs = ", ".join(value("b", other) for other in range(1, others + 1))
        return f"case when {ours} in ({theirs}) then {ours} & 3 end"

    # Most records have one value.
    few, many = ([kind(slot, most) for slot in range(1, most + 1)] for most in (FEW, slots))
    further = ", ".join(value(side, FEW + 1) for side in "ab")
    return (
        f"(case when coalesce(a.{letter}2, b.{letter}2) is null then {kind(1, 1)}"
        f" when coalesce({further}) is null then least({', '.join(few)})"
        f" else least({', '.join(many)}) end)::integer"
    )


def _level(attribute: str) -> dict[str, int]:
    found = ATTRIBUTES[PLACES[attribute]]
    return {level.name: number for number, level in enumerate(found.levels, 1)}


def _first_name(level: dict[str, int]) -> str:
    return f"""case when a_first_name is null or b_first_name is null then 0
    when a_first_name = b_first_name then
      case when a_last_name = b_last_name then {level["full_unique"]} + a_name_tier
      else {level["same"]} end
    when a_first_name = b_last_name or a_last_name = b_first_name then
      case when
        least(similarity(a_first_name, b_last_name), similarity(a_last_name, b_first_name)) >= 0.9
      then {level["swapped"]} else {level["different"]} end
    when is_nickname then {level["nickname"]}
    when length(a_first_name) = 1 or length(b_first_name) = 1 then
      case when left(a_first_name, 1) = left(b_first_name, 1) then {level["initial"]}
      else {level["different"]} end
    when first_similarity < 0.7 then {level["different"]}
    when starts_with(a_first_name, b_first_name || ' ')
      or starts_with(b_first_name, a_first_name || ' ') then {level["part"]}
    when first_similarity >= 0.88 then
      case when levenshtein(a_first_name, b_first_name) <= 2 then {level["typo"]}
      else {level["similar"]} end
    else case when least(length(a_first_name), length(b_first_name)) > 3
      and one_slip(a_first_name, b_first_name) then {level["typo"]}
    else {level["similar"]} end end"""


def _last_name(level: dict[str, int]) -> str:
    words = "position((' ' || {1} || ' ') in (' ' || {0} || ' ')) > 0"
    one = words.format("a_last_name", "b_last_name")
    other = words.format("b_last_name", "a_last_name")
    return f"""case when a_last_name is null or b_last_name is null then 0
    when a_last_name = b_last_name then {level["rare"]} + a_last_tier
    when last_similarity >= 0.9 then {level["typo"]}
    when position(' ' in a_last_name) > 0 or position(' ' in b_last_name) > 0 then
      case when {one} or {other} then {level["part"]}
      when last_similarity >= 0.78 then {level["similar"]} else {level["different"]} end
    when last_similarity < 0.78 then {level["different"]}
    else case when least(length(a_last_name), length(b_last_name)) > 3
      and one_slip(a_last_name, b_last_name) then {level["typo"]} else {level["similar"]} end end"""


def _middle_name(level: dict[str, int]) -> str:
    return f"""case when a_middle_name is null or b_middle_name is null then 0
    when a_middle_name = b_middle_name then {level["same"]}
    when length(a_middle_name) = 1 or length(b_middle_name) = 1 then
      case when left(a_middle_name, 1) = left(b_middle_name, 1) then {level["initial"]}
      else {level["different"]} end
    when similarity(a_middle_name, b_middle_name) >= 0.9 then {level["same"]}
    else {level["different"]} end"""


def _generation(level: dict[str, int]) -> str:
    # What `Features.generation_beside` says: `John I` and `John II` are two.
    first = " or ".join(
        f"({one}_generation >= {SECOND} and {other}_middle_name = 'i')"
        for one, other in ("ab", "ba")
    )
    return f"""case when coalesce(a_generation, b_generation) is null then 0
    when a_generation = b_generation then {level["same"]}
    when a_generation <> b_generation or {first} then {level["different"]} else 0 end"""


def _birth_date(level: dict[str, int]) -> str:
    year, month, day = "{0}_birth // 10000", "{0}_birth // 100 % 100", "{0}_birth % 100"

    def same(part: str) -> str:
        return f"{part.format('a')} = {part.format('b')}"

    def apart(part: str) -> str:
        return f"abs({part.format('a')} - {part.format('b')})"

    return f"""case when a_birth is null or b_birth is null then 0
    when a_birth = b_birth then
      case when a_birth % 10000 = 101 then {level["placeholder"]} else {level["same"]} end
    when {same(year)} and (a_birth % 10000 = 101 or b_birth % 10000 = 101) then {level["year_only"]}
    when {same(year)} and {month.format("a")} = {day.format("b")}
      and {day.format("a")} = {month.format("b")} then {level["swapped"]}
    when ({same(year)})::integer + ({same(month)})::integer + ({same(day)})::integer = 2 then
      case when is_round(abs(a_birth - b_birth)) then {level["one_digit"]}
      else {level["two_parts"]} end
    when {apart(month)} <= 1 and ({same(year)} or ({apart(year)} in (1, 10) and {apart(day)} <= 3))
      then {level["near"]}
    when {same(year)} then {level["year"]}
    else {level["different"]} end"""


def _phone(level: dict[str, int]) -> str:
    return f"""case when not phones_known then 0
    when shared_phone is not null then {level["personal"]} + shared_phone
    when phone_slip then {level["typo"]}
    when phone_area then {level["area"]}
    else {level["different"]} end"""


def _email(level: dict[str, int]) -> str:
    return f"""case when not emails_known then 0
    when shared_email is not null then {level["personal"]} + shared_email
    when local_similarity >= 1 then {level["same_local"]}
    when local_slip then {level["typo"]}
    when local_similarity >= 0.85 then {level["similar"]}
    else {level["different"]} end"""


def _address(level: dict[str, int]) -> str:
    return f"""case when a_street is null or b_street is null then 0
    when a_house is not distinct from b_house then
      case when a_street = b_street then {level["same"]}
      when similarity(a_street, b_street) >= 0.85 then {level["similar"]}
      else {level["different"]} end
    when a_street = b_street then {level["street"]}
    else {level["different"]} end"""


def _place(level: dict[str, int]) -> str:
    return f"""case when a_zip is not null and b_zip is not null then
      case when a_zip = b_zip then {level["same_code"]}
      when left(a_zip, 2) <> left(b_zip, 2) and right(a_zip, 2) <> right(b_zip, 2)
        then {level["different_code"]}
      when one_slip(a_zip, b_zip) then {level["code_typo"]}
      when left(a_zip, 3) = left(b_zip, 3) or a_town = b_town then {level["area"]}
      else {level["different_code"]} end
    when a_town is null or b_town is null then 0
    when a_town = b_town then {level["same_city"]} - a_town_is_rare::integer
    when similarity(a_town, b_town) >= 0.88 then {level["similar_city"]}
    when one_slip(a_town, b_town) then {level["similar_city"]}
    else {level["different_city"]} end"""


def _business(level: dict[str, int]) -> str:
    shift = level["company_same"] - level["same"]
    return f"""case when a_is_company and (b_first_name is not null or b_last_name is not null)
      or b_is_company and (a_first_name is not null or a_last_name is not null) then {level["kind"]}
    when a_business is null or b_business is null then 0
    else (case when a_is_company and b_is_company then {shift} else 0 end) +
      (case when a_business = b_business then {level["same"]}
      when similarity(a_business, b_business) >= 0.9 then {level["similar"]}
      else {level["different"]} end) end"""


def _identifier(slots: int) -> str:
    if not slots:
        return "0"
    both = " or ".join(
        f"(a_i{slot} is not null and b_i{slot} is not null)" for slot in range(1, slots + 1)
    )
    same = " or ".join(f"coalesce(a_i{slot} = b_i{slot}, false)" for slot in range(1, slots + 1))
    typo = " or ".join(
        f"coalesce(length(a_i{slot}) > 4 and one_slip(a_i{slot}, b_i{slot}), false)"
        for slot in range(1, slots + 1)
    )
    return f"case when {same} then 1 when {typo} then 2 when {both} then 3 else 0 end"
