"""What the settings of a connection make together: addresses, and ways to be let in by OAuth."""

import re
from collections.abc import Mapping

from openprofiles.connectors.connector import Setting, SourceRefused
from openprofiles.connectors.web import Limits, OAuth

NAME = re.compile(r"[A-Za-z_][\w.]*")
"""Of an object or a field: it becomes part of an address or a query, so it is a name at most."""

CLIENT_ID = Setting(name="client_id", text="The OAuth client's id", is_required=False)
CLIENT_SECRET = Setting(
    name="client_secret", text="The OAuth client's secret", is_secret=True, is_required=False
)
REFRESH_TOKEN = Setting(
    name="refresh_token",
    text="A refresh token; without one the client's own credentials are used",
    is_secret=True,
    is_required=False,
)


def instance_url(example: str) -> Setting:
    """The setting that says where the vendor's API of this customer is."""
    return Setting(name="instance_url", text=f"Where it is: {example}")


def require(settings: Mapping[str, str], name: str, *, service: str) -> str:
    """The value of a setting; SourceRefused when there is none."""
    value = settings.get(name, "").strip()
    if not value:
        raise SourceRefused(f"{service}: the connection lacks the setting {name}")
    return value


def require_name(name: str, *, service: str) -> str:
    """`name` when it can be that of an object or a field; else SourceRefused."""
    if not NAME.fullmatch(name):
        raise SourceRefused(f"{service}: an object or a field has a name that cannot be one")
    return name


def oauth(
    settings: Mapping[str, str],
    token_url: str,
    *,
    service: str,
    scope: str | None = None,
    limits: Limits | None,
) -> OAuth:
    """By the refresh token where there is one, else by client credentials. Raises SourceRefused."""
    client_id = require(settings, CLIENT_ID.name, service=service)
    refresh_token = settings.get(REFRESH_TOKEN.name, "").strip()
    if refresh_token:
        return OAuth.by_refresh_token(
            token_url,
            client_id=client_id,
            client_secret=settings.get(CLIENT_SECRET.name, "").strip() or None,
            refresh_token=refresh_token,
            service=service,
            limits=limits,
        )
    return OAuth.by_client_credentials(
        token_url,
        client_id=client_id,
        client_secret=require(settings, CLIENT_SECRET.name, service=service),
        service=service,
        scope=scope,
        limits=limits,
    )
