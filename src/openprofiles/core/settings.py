"""Settings: each has a name, a default, a sentence; given by command line, environment
(`OPENPROFILES_…`) or code.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from openprofiles.core.secret_settings import read_secret, source_of_secret


class Origin(StrEnum):
    """Where the value of a setting comes from."""

    DEFAULT = "DEFAULT"
    COMMAND = "COMMAND"
    """The command has another default."""
    ENVIRONMENT = "ENVIRONMENT"
    FILE = "FILE"
    """A file that a variable names, for secrets."""
    KEYRING = "KEYRING"
    """An entry of the system's keyring that a variable names, for secrets."""
    OPTION = "OPTION"
    """An option of the command line, or an argument in code."""


def _setting(default: Any, text: str, *, is_secret: bool = False) -> Any:
    # What is secret does not show when settings are printed or logged.
    return field(
        default=default, repr=not is_secret, metadata={"text": text, "is_secret": is_secret}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set. Limits have the value of AWS where a client could notice (design §1)."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8787, "Port to listen on.")
    data_dir: Path = _setting(
        Path("openprofiles-data"), "Folder of the embedded database, made when it is missing."
    )
    database_url: str | None = _setting(
        None,
        "A PostgreSQL server (15 to 18) to use instead of the embedded one.",
        is_secret=True,
    )
    workers: int = _setting(2, "Web worker processes.")
    threads: int = _setting(8, "Threads, and database connections, of each web worker.")
    region: str = _setting("us-east-1", "Region in ARNs.")
    account_id: str = _setting("000000000000", "Account in ARNs.")
    auth: Literal["open", "sigv4"] = _setting(
        "open",
        "`sigv4` asks for requests signed with an access key; `open` accepts any signature and is"
        " refused on a non-loopback address.",
    )
    signing_regions: str = _setting(
        "", "Regions that requests may be signed for besides `region`, comma-separated."
    )
    tls_certificate: str | None = _setting(
        None, "File with the certificate to serve HTTPS with, and its chain, as PEM."
    )
    tls_key: str | None = _setting(None, "File with the private key of `tls_certificate`, as PEM.")
    trusted_proxies: str = _setting(
        "",
        "Addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are"
        " believed, comma-separated.",
    )
    metrics_from: str = _setting(
        "127.0.0.0/8,::1",
        "Addresses and networks that may read `/metrics`, which asks for no signature,"
        " comma-separated.",
    )
    auth_failures_per_minute: int = _setting(
        60,
        "Requests of a key, and of an address, that are told why their signature is refused; more"
        " are throttled, by each web worker. 0 = any number.",
    )
    requests_per_second: int = _setting(
        0,
        "Requests for one operation that a key may make, of each web worker; more are throttled."
        " 0 = any number.",
    )
    waiting_requests: int = _setting(
        200,
        "Requests that may wait in each web worker until a thread is free; more are throttled.",
    )
    access_key_cache_seconds: int = _setting(
        5,
        "How long a web worker goes by what it knows of an access key: one that is disabled, or"
        " whose policies change, is as before for so long.",
    )
    cors_origins: str = _setting(
        "", "Origins that browsers may call from, comma-separated; none by default."
    )
    host_names: str = _setting(
        "",
        "Names besides those of this machine that requests may be sent to with `auth` open,"
        " comma-separated: others are refused, since a page of a stranger may have its name lead"
        " here.",
    )
    max_body_bytes: int = _setting(6_291_456, "Largest request body, in bytes.")
    max_import_bytes: int = _setting(
        10_737_418_240, "Largest file that the console takes to import, in bytes."
    )
    log_level: str = _setting("info", "`debug`, `info`, `warning` or `error`.")
    domains_per_account: int = _setting(100, "Domains of an account.")
    object_types_per_domain: int = _setting(100, "Object types of a domain.")
    keys_per_object_type: int = _setting(
        10, "Entries of the keys of an object type, each array element counted."
    )
    objects_per_profile: int = _setting(
        1000, "Objects of a profile; more evicts (core reference §4.7)."
    )
    object_bytes_per_profile: int = _setting(
        52_428_800, "Bytes of all objects of a profile; an object beyond is rejected."
    )
    integrations_per_domain: int = _setting(50, "Integrations of a domain.")
    integration_poll_seconds: int = _setting(
        60,
        "How often a source without a schedule (a bucket, a stream, changes in Salesforce) is"
        " read; 0 = on demand only.",
    )
    integration_schedule: str = _setting(
        "*/5 * * * * *",
        "When the job worker looks for integrations that are due, as a cron expression in UTC (with"
        " seconds in front).",
    )
    integration_runs_at_once: int = _setting(
        4, "Integrations that are pulled from at the same time."
    )
    respect_source_timestamp: bool = _setting(
        False,
        "An object with an older source timestamp does not overwrite a field of equal priority.",
    )
    rules_wait_seconds: int = _setting(
        0, "How long changed matching rules wait before existing profiles are matched (AWS: 3600)."
    )
    rules_locked_seconds: int = _setting(
        0, "How long active matching rules cannot be changed (AWS: 86400)."
    )
    sweep_schedule: str = _setting(
        "*/10 * * * *",
        "When expired profiles and objects are removed, as a cron expression in UTC.",
    )
    history_retention_days: int = _setting(
        365, "Days that the history of profiles is kept, with what they and their objects were."
    )
    audit_retention_days: int = _setting(
        0,
        "Days that the audit keeps which operations were called; 0 = for good. Changes of profiles"
        " are kept as long as their history.",
    )
    resolution_schedule: str = _setting(
        "*/15 * * * * *",
        "When the job worker looks for identity-resolution jobs that are due, as a cron expression"
        " in UTC (with seconds in front).",
    )
    resolution_engine: Literal["duckdb", "spark"] = _setting(
        "duckdb",
        "What runs an identity-resolution job: `duckdb` in its process, or `spark` on a cluster"
        " (needs `openprofiles[spark]`).",
    )
    spark_master: str = _setting(
        "local[*]", "The Spark cluster of identity-resolution jobs: `spark://host:7077`, `yarn`, …"
    )
    resolution_memory: str = _setting(
        "4GB", "Memory of an identity-resolution job on DuckDB; it uses the disk beyond."
    )
    resolution_threads: int = _setting(2, "Threads of an identity-resolution job on DuckDB.")
    buckets_url: str = _setting(
        "s3://",
        "Where the buckets are that domains name for exports and as sources: `s3://`, `gs://`,"
        " `az://`, or `file:///folder` with a folder for each.",
    )
    source_addresses: Literal["any", "public"] = _setting(
        "any",
        "Where connections to sources may lead: `any` address but those where clouds keep secrets"
        " for their machines, or `public` ones only.",
    )
    secrets_key: str | None = _setting(
        None,
        "Fernet keys for secrets of connections, comma-separated; the first encrypts. By default"
        " those in `secrets.key` of the data directory, which is made when it is missing.",
        is_secret=True,
    )
    encryption_keys: str | None = _setting(
        None,
        "Where the keys are that `DefaultEncryptionKey` and `EncryptionKey` name: `kms`, or a"
        " folder of key files. By default KMS if `kms_endpoint_url` is set, else the folder"
        " `encryption-keys` of the data directory, where a key is made when it is first named.",
    )
    kms_endpoint_url: str | None = _setting(None, "A KMS-compatible server to use instead of AWS.")
    data_key_seconds: int = _setting(
        300,
        "How long a data key that KMS unwrapped is kept in memory: so long a key that is disabled"
        " can still be in use.",
    )
    s3_endpoint_url: str | None = _setting(None, "An S3-compatible server to use instead of AWS.")
    sqs_endpoint_url: str | None = _setting(
        None, "An SQS-compatible server to use instead of AWS, for dead-letter queues."
    )
    event_window_hours: int = _setting(
        24, "How old a signed event may be that says when it was sent; 0 takes any."
    )
    console_url: str | None = _setting(
        None,
        "Where people open the service if that is not where it listens, as behind a proxy:"
        " `https://profiles.example.org`. The console's cookies and sign-in follow it.",
    )
    console_idle_minutes: int = _setting(
        60, "How long somebody may do nothing in the console before they must sign in again."
    )
    console_session_hours: int = _setting(12, "How long a sign-in to the console is good at most.")
    oidc_issuer: str | None = _setting(
        None, "The OpenID Connect provider that people sign in to the console with, by its issuer."
    )
    oidc_client_id: str = _setting("", "Who the console is to the OpenID Connect provider.")
    oidc_client_secret: str | None = _setting(
        None, "What proves that to the provider.", is_secret=True
    )
    oidc_name: str = _setting("single sign-on", "What the console calls the provider.")
    oidc_scopes: str = _setting(
        "openid profile email", "Scopes that the console asks the provider for."
    )
    oidc_roles_claim: str = _setting(
        "roles", "The claim with somebody's roles or groups, or its path: `realm_access.roles`."
    )
    oidc_roles: str = _setting(
        "",
        "Which value of that claim gives which role, as `admin=operators,agent=contact-centre`; by"
        " default the values are `viewer`, `agent`, `steward`, `admin` themselves.",
    )
    oidc_default_role: str = _setting(
        "", "The role of people whom the claim gives none; by default they are not let in."
    )
    oidc_account_claim: str = _setting(
        "", "The claim with somebody's account; by default it is `account_id` for all."
    )
    dead_letter_schedule: str = _setting(
        "*/15 * * * * *",
        "When rejected objects are sent to dead-letter queues, as a cron expression in UTC (with"
        " seconds in front).",
    )

    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False, compare=False)
    """Where the values of settings come from that are not their defaults; no setting itself."""

    @property
    def imports_dir(self) -> Path:
        """Where files that were sent to be imported are kept until their import ends."""
        return self.data_dir / "imports"


CHOICES = {
    "auth": ("open", "sigv4"),
    "log_level": ("debug", "info", "warning", "error"),
    "resolution_engine": ("duckdb", "spark"),
    "source_addresses": ("any", "public"),
}
"""Settings that take one of a few words."""


def from_environment(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from `OPENPROFILES_…` variables, then from `given` (None = not given).

    A setting that is secret may come from a file or a keyring, too. Raises ValueError with a
    sentence when a variable is not of its setting's type, or a secret cannot be read.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for setting in all_settings():
        variable = variable_of(setting.name)
        if not is_secret(setting):
            text, origin = environment.get(variable), Origin.ENVIRONMENT
        elif given.get(setting.name) is None:
            text, origin = read_secret(variable, environment), _origin_of(variable, environment)
        else:
            text, origin = environment.get(variable), Origin.ENVIRONMENT
        if text is not None:
            values[setting.name] = _parse(setting.name, setting.default, text)
            origins[setting.name] = origin
    for name, value in given.items():
        # What the command line has read from the variable itself comes as given, too.
        if value is not None and (name not in values or values[name] != value):
            values[name], origins[name] = value, Origin.OPTION
    return Settings(**values, origins=origins)


def with_defaults_of_command(settings: Settings, names: Collection[str]) -> Settings:
    """The settings, of which those called `names` are as the command has them by default."""
    return replace(settings, origins={**settings.origins, **dict.fromkeys(names, Origin.COMMAND)})


def all_settings() -> tuple[Field[Any], ...]:
    """Each setting, in the order of the documentation."""
    return tuple(setting for setting in fields(Settings) if "text" in setting.metadata)


def listed(text: str) -> tuple[str, ...]:
    """The entries of a setting that is a comma-separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def is_secret(setting: Field[Any]) -> bool:
    """Whether a setting is not to be shown."""
    return bool(setting.metadata["is_secret"])


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"OPENPROFILES_{name.upper()}"


def _origin_of(variable: str, environment: Mapping[str, str]) -> Origin:
    source = source_of_secret(variable, environment) or variable
    return {"_FILE": Origin.FILE, "_KEYRING": Origin.KEYRING}.get(
        source.removeprefix(variable), Origin.ENVIRONMENT
    )


def _parse(name: str, default: Any, text: str) -> Any:
    if isinstance(default, bool):
        return _parse_switch(name, text.strip().lower())
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as error:
            raise ValueError(f"{variable_of(name)} is not a whole number") from error
    if name in CHOICES and text not in CHOICES[name]:
        raise ValueError(f"{variable_of(name)} is not one of {', '.join(CHOICES[name])}")
    return Path(text) if isinstance(default, Path) else text


def _parse_switch(name: str, text: str) -> bool:
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{variable_of(name)} is neither yes nor no")
