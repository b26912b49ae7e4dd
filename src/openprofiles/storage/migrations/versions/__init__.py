"""The migrations as Alembic finds them: one module for each SQL file."""
