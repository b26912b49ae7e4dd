"""More requests than can be answered: some wait, the others are told so at once."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import psycopg

from tests.acceptance.service import running, wait_until


def test_requests_beyond_those_that_wait_are_throttled_at_once(data_dir):
    options = ("--workers", "1", "--threads", "1", "--waiting-requests", "1")
    with running(data_dir, *options) as service, ThreadPoolExecutor(6) as threads:
        answered: SimpleQueue[tuple[int, str | None]] = SimpleQueue()

        def ask() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
            connection.request("GET", "/domains")
            response = connection.getresponse()
            response.read()
            connection.close()
            answered.put((response.status, response.getheader("x-amzn-ErrorType")))

        with psycopg.connect(service.conninfo()) as blocking:
            blocking.execute("lock table domains in access exclusive mode")
            asked = [threads.submit(ask) for _ in range(6)]
            wait_until(lambda: answered.qsize() == 4)
            assert service.status("/_openprofiles/v1/health/live") == 200
            assert {answered.get() for _ in range(4)} == {(429, "ThrottlingException")}
        for future in asked:
            future.result()

        assert [answered.get() for _ in range(2)] == [(200, None), (200, None)]
        assert service.status("/domains") == 200
