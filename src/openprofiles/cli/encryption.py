"""`openprofiles encryption`: see which keys a domain is sealed with, and give it fresh ones."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.core.operation import Answer
from openprofiles.core.settings import Settings
from openprofiles.features import encryption

app = App(name="encryption", help="Look at and renew the keys that a domain is encrypted with.")

Domain = Annotated[str, Parameter(help="The domain.")]


@app.command
@with_connection
@refusing
def status(settings: Settings, *, domain: Domain) -> int:
    """Whether a domain is encrypted, by which keys, and how far it is while that changes."""
    with opened(settings) as application:
        answer = application.invoke(
            "GetEncryption", {"DomainName": domain}, caller_of(settings, "encryption")
        )
    _print(answer)
    return 0 if answer["IsUsable"] else 1


@app.command
@with_connection
@refusing
def rotate(settings: Settings, *, domain: Domain) -> int:
    """Give a domain fresh data keys, and encrypt all that it holds with them.

    Interrupted, the job worker of `serve` goes on, and so does this command.
    """
    caller = caller_of(settings, "encryption")
    with opened(settings) as application, console.status("Encrypting"):
        application.invoke("RotateEncryption", {"DomainName": domain}, caller)
        encryption.work_off(application.invoke, caller)
        answer = application.invoke("GetEncryption", {"DomainName": domain}, caller)
    _print(answer)
    return 0


def _print(answer: Answer) -> None:
    out = Console(highlight=False)
    out.print(f"{answer['DomainName']}: {answer['Status']}", soft_wrap=True)
    if not answer["IsUsable"]:
        out.print("A key cannot be used at the moment; the log says why", soft_wrap=True)
    if answer["RowsDone"] is not None:
        out.print(f"{answer['RowsDone']:,} rows are done", soft_wrap=True)
    for key in answer["DataKeys"]:
        of = f"object type {key['ObjectTypeName']}" if "ObjectTypeName" in key else "the domain"
        use = "" if key["IsCurrent"] else ", on its way out"
        out.print(
            f"  {key['Kind']} key of {of} under {key['EncryptionKey']}, made"
            f" {key['MadeAt']:%Y-%m-%d %H:%M}{use}",
            soft_wrap=True,
        )
