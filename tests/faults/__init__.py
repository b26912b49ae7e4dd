"""Faults: the service under load while its processes, database, disk and clock fail."""
