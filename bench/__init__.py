"""Measurements of the service, and the profiles that say where its time goes."""
