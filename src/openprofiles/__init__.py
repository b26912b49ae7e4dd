"""openprofiles: a unified customer profile service that speaks the API of Amazon Connect Customer Profiles."""

__version__ = "0.1.0"
