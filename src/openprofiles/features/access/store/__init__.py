"""SQL of the access room."""
