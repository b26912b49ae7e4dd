"""Shopify: customers, orders and draft orders, through the GraphQL Admin API.

Records have the form that Shopify's webhooks have, in the envelope that events have, so that a
record is the same whether it was pulled or sent, and the predefined templates fit both.
"""

from openprofiles.connectors.shopify.connector import KIND, Shopify

__all__ = ["KIND", "Shopify"]
