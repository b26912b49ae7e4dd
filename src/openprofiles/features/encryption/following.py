"""What happens to the keys of a domain when its `DefaultEncryptionKey` is set, changed or
removed.
"""

from openprofiles.core.errors import BadRequest
from openprofiles.features.context import Context, DomainChange
from openprofiles.storage.encryption import Scope, cipher_of, use_domain_key

ROUNDS = 20
"""Batches that are done before a change of keys is answered: enough for a small domain."""

MEMBER = "DefaultEncryptionKey"


def follow_domain(context: Context, change: DomainChange) -> None:
    """Have a domain seal with data keys under the key that it names now; what it holds already is
    sealed anew in the background.

    Raises KeyUnavailable when the key cannot be used, or the one before, and BadRequest while the
    domain is still turning.
    """
    before, after = change.before.get(MEMBER), change.after.get(MEMBER)
    if before == after:
        return
    cipher = cipher_of(context.transaction, change.domain_id)
    if cipher is not None and cipher.state.is_turning:
        raise BadRequest(
            f"{MEMBER} cannot be changed while the domain is still being encrypted or decrypted"
        )
    if cipher is not None:
        # Before anything is made: a key file that is missing must not be made anew.
        cipher.require()
    scope = Scope(
        domain_id=change.domain_id,
        account_id=context.caller.account_id,
        domain_name=change.domain_name,
    )
    use_domain_key(context.transaction, scope, after, is_new=not change.before, now=context.now)
    if change.before:
        work_afterwards(context, change.domain_name)


def work_afterwards(context: Context, domain_name: str) -> None:
    """So that a small domain is done when the call returns; the job does the others."""
    if ROUNDS:
        follow = {"DomainName": domain_name, "Rounds": ROUNDS}
        context.afterwards.append(("ContinueEncryption", follow))
