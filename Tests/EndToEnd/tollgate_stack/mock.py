"""tollgate-mock's control and its books."""

import json
import urllib.request


class Mock:
    def __init__(self, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def is_up(self):
        try:
            self._call("GET", "/_mock/health")
            return True
        except OSError:
            return False

    def rules(self, *rules):
        """Replaces the rules for what goes wrong."""
        self._call("POST", "/_mock/faults", {"rules": list(rules)})

    def reset(self):
        self._call("POST", "/_mock/reset?rules=1", {})

    def stats(self):
        return self._call("GET", "/_mock/stats")

    def total(self, name="requests"):
        return self.stats()["total"][name]

    def keep(self, count):
        """Keeps the last `count` requests as they came; 0 forgets them."""
        self._call("POST", f"/_mock/requests?keep={count}")

    def requests(self, since=0):
        """What was kept, oldest first: seq, method, url, headers (pairs), body."""
        return self._call("GET", f"/_mock/requests?since={since}")["requests"]

    def last_sequence(self):
        return self.stats()["last_seq"]

    def attempts(self, since=0):
        """Everything that reached the mock after `since`, oldest first."""
        attempts = []
        while True:
            page = self._call("GET", f"/_mock/attempts?since={since}&limit=10000")
            attempts += page["attempts"]
            if not page["more"]:
                return attempts
            since = page["next_since"]
