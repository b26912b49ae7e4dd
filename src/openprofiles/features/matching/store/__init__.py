"""This room's SQL: jobs, what they found, and what people decided."""
