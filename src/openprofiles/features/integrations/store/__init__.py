"""SQL of the integrations room."""
