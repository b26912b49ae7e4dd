"""The kinds of event sources: how each proves who it is, and what its events look like.

A signature is over the bytes of the body, so it is checked before anything of it is read.
"""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from openprofiles.features.events.event import (
    Event,
    UnreadableEvent,
    digest_of,
    envelope_of,
    moment_of,
)

Headers = Mapping[str, str]

SHOPIFY_SIGNATURE = "X-Shopify-Hmac-SHA256"
SHOPIFY_TOPIC = "X-Shopify-Topic"
SHOPIFY_DELIVERY = "X-Shopify-Webhook-Id"
SHOPIFY_TIME = "X-Shopify-Triggered-At"
SHOPIFY_METADATA = (
    SHOPIFY_TOPIC,
    SHOPIFY_DELIVERY,
    SHOPIFY_TIME,
    "X-Shopify-Event-Id",
    "X-Shopify-Shop-Domain",
    "X-Shopify-API-Version",
)
SEGMENT_SIGNATURE = "X-Signature"
KEY = "X-Api-Key"

HEADERS = (SHOPIFY_SIGNATURE, *SHOPIFY_METADATA, SEGMENT_SIGNATURE, KEY)
"""All that any kind looks at."""

SHOPIFY_TYPES = {
    "customers/create": "ShopifyCreateCustomers",
    "customers/update": "ShopifyUpdateCustomers",
    "draft_orders/create": "ShopifyCreateDraftOrders",
    "draft_orders/update": "ShopifyUpdateDraftOrders",
    "orders/create": "ShopifyCreateOrders",
    "orders/updated": "ShopifyUpdatedOrders",
}
"""Topic -> event type (core reference §9.1); any other topic is its own type."""

SEGMENT_TYPES = {"identify": "SegmentIdentify"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A kind of source. `proves` says whether headers and body prove knowledge of a secret; `read`
    makes an event of them, and raises UnreadableEvent.
    """

    name: str
    signature: str
    proves: Callable[[bytes, Headers, bytes], bool]
    read: Callable[[Headers, bytes], Event]


def _proves_shopify(secret: bytes, headers: Headers, body: bytes) -> bool:
    digest = hmac.digest(secret, body, "sha256")
    return _is_equal(base64.b64encode(digest), headers[SHOPIFY_SIGNATURE])


def _read_shopify(headers: Headers, body: bytes) -> Event:
    topic = headers.get(SHOPIFY_TOPIC)
    if topic is None:
        raise UnreadableEvent(f"The header {SHOPIFY_TOPIC} is missing")
    payload = _json_of(body)
    delivery, sent_at = headers.get(SHOPIFY_DELIVERY), headers.get(SHOPIFY_TIME)
    event = {
        "detail-type": "shopifyWebhook",
        "id": delivery,
        "source": f"shopify.com/{headers.get('X-Shopify-Shop-Domain', '')}",
        "time": sent_at,
        "detail": {
            "metadata": {name: headers[name] for name in SHOPIFY_METADATA if name in headers},
            "payload": payload,
        },
    }
    # The headers are not signed: a body that came before comes again, whatever they say.
    names = [f"{topic} {digest_of(body)}"]
    if delivery is not None:
        names.append(f"{topic} {delivery}")
    return Event(
        type=SHOPIFY_TYPES.get(topic, topic),
        document=envelope_of(event),
        sent_at=moment_of(sent_at),
        names=names,
    )


def _proves_segment(secret: bytes, headers: Headers, body: bytes) -> bool:
    digest = hmac.digest(secret, body, "sha1")
    return _is_equal(digest.hex().encode(), headers[SEGMENT_SIGNATURE].lower())


def _read_segment(_: Headers, body: bytes) -> Event:
    raw = _json_of(body)
    said = _members_of(body)
    kind, message_id = said.get("type"), said.get("messageId")
    if not isinstance(kind, str):
        raise UnreadableEvent("The event has no type")
    names = [digest_of(body)]
    if isinstance(message_id, str):
        names.append(f"message {message_id}")
    event = {"detail-type": kind, "id": message_id, "source": "segment.com", "detail": raw}
    return Event(
        type=SEGMENT_TYPES.get(kind, kind),
        document=envelope_of(event),
        sent_at=moment_of(said.get("receivedAt")),
        names=names,
    )


def _proves_event_bridge(secret: bytes, headers: Headers, _: bytes) -> bool:
    return _is_equal(secret, headers[KEY])


def _read_event_bridge(_: Headers, body: bytes) -> Event:
    """An event of EventBridge, or one that AppIntegrations has wrapped already."""
    said = _members_of(body)
    inner = _member(said, "detail", "event")
    event = inner if isinstance(inner, dict) else said
    if not isinstance(event.get("detail"), dict):
        raise UnreadableEvent("The event has no detail")
    names = [digest_of(body)]
    if isinstance(event.get("id"), str):
        names.append(f"event {event['id']}")
    is_wrapped = event is inner
    return Event(
        type=_type_of(event),
        document=body.decode() if is_wrapped else envelope_of(msgspec.Raw(body)),
        sent_at=moment_of(event.get("time") or said.get("time")),
        names=names,
    )


def _type_of(event: Mapping[str, Any]) -> str:
    """The type of an event of Shopify's or Segment's event source, else its detail-type."""
    topic = _member(event, "detail", "metadata", SHOPIFY_TOPIC)
    if isinstance(topic, str):
        return SHOPIFY_TYPES.get(topic, topic)
    kind = _member(event, "detail", "type")
    if isinstance(kind, str) and "segment.com" in str(event.get("source")):
        return SEGMENT_TYPES.get(kind, kind)
    kind = event.get("detail-type")
    if not isinstance(kind, str):
        raise UnreadableEvent("The event has no detail-type")
    return kind


def _is_equal(expected: bytes, given: str) -> bool:
    """Whether they are equal, in a time that does not tell how far they agree."""
    return hmac.compare_digest(expected, given.strip().encode("utf-8", "surrogatepass"))


def _json_of(body: bytes) -> msgspec.Raw:
    """A body that is one JSON object, as it came: numbers of any size stay what they are."""
    _members_of(body)
    return msgspec.Raw(body)


def _members_of(body: bytes) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableEvent("The body is not JSON") from error
    if not isinstance(content, dict):
        raise UnreadableEvent("The body is not a JSON object")
    return content


def _member(content: Any, *path: str) -> Any:
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content


_ALL: Sequence[Sender] = (
    Sender(name="shopify", signature=SHOPIFY_SIGNATURE, proves=_proves_shopify, read=_read_shopify),
    Sender(name="segment", signature=SEGMENT_SIGNATURE, proves=_proves_segment, read=_read_segment),
    Sender(name="eventbridge", signature=KEY, proves=_proves_event_bridge, read=_read_event_bridge),
)
SENDERS: Mapping[str, Sender] = {sender.name: sender for sender in _ALL}
