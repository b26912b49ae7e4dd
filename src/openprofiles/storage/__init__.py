"""PostgreSQL: the embedded server, the pool, transactions, locks, the journal, migrations."""
