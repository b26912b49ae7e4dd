"""The bare indexed query under a search, through psycopg, in as many threads."""

import random
import threading
import time

import psycopg

from bench import workload

QUERY = """
    select profiles.profile_id, profiles.fields
    from profile_keys join profiles using (domain_id, profile_id)
    where domain_id = %s and key_name = %s and value = %s
    order by profile_id limit 21
"""


def rate(conninfo: str, *, domain_id: int, known: int, threads: int, seconds: float) -> float:
    """Queries per second."""
    counts = [0] * threads
    until = time.perf_counter() + seconds

    def ask(place: int) -> None:
        draw = random.Random(place)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            while time.perf_counter() < until:
                email = workload.email_of(workload.KNOWN + draw.randrange(known))
                parameters = [domain_id, workload.EMAIL_KEY, email]
                if connection.execute(QUERY, parameters).fetchone() is None:
                    raise SystemExit("A customer that was loaded is not found")
                counts[place] += 1

    started = time.perf_counter()
    running = [threading.Thread(target=ask, args=(place,)) for place in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
