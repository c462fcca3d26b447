"""Exits with 0 when the console of this machine answers: the health check of the container."""

import http.client
import os
import sys


def healthy(port: int) -> bool:
    """Whether /healthz answers that the console works."""
    try:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        asked.request("GET", "/healthz?only=web", headers={"Host": "localhost"})
        return asked.getresponse().status == 200
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not healthy(int(os.environ.get("TOCSIN_PORT", "8500"))))
