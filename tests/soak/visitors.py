"""People at the console, beside all others."""

import asyncio
import http.client
import time
from random import Random

from tests.acceptance.browsing import Wanderer
from tests.acceptance.first_key import Key
from tests.soak.connections import Clients

PAUSE_SECONDS = 4.0


async def visit(port: int, key: Key, seed: int, clients: Clients) -> None:
    """Go about until somebody cancels it; what is seen is noted with `clients`."""
    wanderer, lot = Wanderer(port, key, seed), Random(seed)
    while True:
        started = time.monotonic()
        try:
            status = await asyncio.to_thread(wanderer.step)
        except (OSError, http.client.HTTPException) as error:
            clients.note("visitor", type(error).__name__)
        else:
            clients.note("visitor", str(status), time.monotonic() - started)
        await asyncio.sleep(PAUSE_SECONDS * lot.uniform(0.5, 1.5))
