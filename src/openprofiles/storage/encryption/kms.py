"""Named keys in AWS KMS, or in a service that speaks like it."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from openprofiles.storage.encryption.errors import KeyRefused
from openprofiles.storage.encryption.named_keys import DataKeyPair

T = TypeVar("T")

CONNECT_SECONDS = 2
ANSWER_SECONDS = 4
"""Requests wait for KMS, and hold a connection to the database meanwhile."""

_SAID = {
    "AccessDeniedException": "the service may not use it",
    "DisabledException": "it is disabled",
    "ExpiredTokenException": "the service's credentials have expired",
    "IncorrectKeyException": "another key wrapped the data key",
    "InvalidArnException": "KMS does not take its name",
    "InvalidCiphertextException": "the wrapped data key was changed",
    "InvalidKeyUsageException": "it is not a symmetric key for encryption",
    "KMSInvalidStateException": "it is disabled or about to be deleted",
    "KeyUnavailableException": "KMS has it, and cannot use it at the moment",
    "NotFoundException": "KMS has no such key",
    "ThrottlingException": "KMS is asked too often",
    "UnrecognizedClientException": "KMS does not know the service's credentials",
    "ValidationException": "KMS does not take its name",
}
"""What KMS answers, in words; none of them is quoted, as they may name principals."""


class KmsKeys:
    """Keys by their ids, ARNs or aliases."""

    def __init__(self, region: str, endpoint_url: str | None) -> None:
        self._region = region
        self._endpoint_url = endpoint_url

    def make_data_key(self, name: str, context: Mapping[str, str]) -> DataKeyPair:
        """See NamedKeys."""
        made = self._ask(
            lambda kms: kms.generate_data_key(
                KeyId=name, KeySpec="AES_256", EncryptionContext=context
            )
        )
        return DataKeyPair(made["Plaintext"], made["CiphertextBlob"])

    def wrap(self, name: str, plain: bytes, context: Mapping[str, str]) -> bytes:
        """See NamedKeys."""
        answer = self._ask(
            lambda kms: kms.encrypt(KeyId=name, Plaintext=plain, EncryptionContext=context)
        )
        wrapped: bytes = answer["CiphertextBlob"]
        return wrapped

    def unwrap(self, name: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """See NamedKeys."""
        answer = self._ask(
            lambda kms: kms.decrypt(KeyId=name, CiphertextBlob=wrapped, EncryptionContext=context)
        )
        plain: bytes = answer["Plaintext"]
        return plain

    def _ask(self, question: Callable[[Any], T]) -> T:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return question(self._client)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise KeyRefused(_SAID.get(code, "KMS refuses to use it")) from error
        except BotoCoreError as error:
            raise KeyRefused("KMS cannot be reached") from error

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "kms",
            region_name=self._region,
            endpoint_url=self._endpoint_url,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"total_max_attempts": 2},
            ),
        )
