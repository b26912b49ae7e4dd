"""Marketo: leads, through Bulk Lead Extract, which Adobe recommends for continuous interchange."""

from openprofiles.connectors.marketo.connector import KIND, Marketo

__all__ = ["KIND", "Marketo"]
