"""Statistics are moved with the commit, not before: their rows are shared by all writers."""

from openprofiles.core.clock import system_clock
from openprofiles.features import domains
from openprofiles.features.context import Context


def test_no_row_is_held_between_counting_and_the_commit(client, domain, database, settings, caller):
    with database.transaction() as transaction:
        context = Context(
            transaction=transaction, caller=caller, settings=settings, now=system_clock()
        )
        place = domains.require_for_write(context, domain)

        domains.count(context, place, objects=2)
        domains.count(context, place, objects=1, bytes=7)

        assert transaction.row("select pg_current_xact_id_if_assigned()") == (None,)

    stats = client.get_domain(DomainName=domain)["Stats"]
    assert (stats["ObjectCount"], stats["TotalSize"]) == (3, 7)


def test_what_was_counted_in_a_transaction_that_failed_is_not(
    client, domain, database, settings, caller
):
    try:
        with database.transaction() as transaction:
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=system_clock()
            )
            domains.count(context, domains.require_for_write(context, domain), objects=1)
            raise LookupError
    except LookupError:
        pass

    assert client.get_domain(DomainName=domain)["Stats"]["ObjectCount"] == 0
