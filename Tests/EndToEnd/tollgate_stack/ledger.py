"""Reads the ledger's tables as they are in the Store, without any of the gateway's code."""

import sqlite3

from .processes import wait_until

FLAG_STREAM, FLAG_FALLBACK, FLAG_UNPRICED, FLAG_DRAINED = 1, 2, 4, 8


class Ledger:
    def __init__(self, home):
        self.path = home / "tollgate.db"

    def _connect(self):
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        return connection

    def rows(self, key_id=None):
        """Every attempt, oldest first, as dictionaries."""
        connection = self._connect()
        try:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'ledger_[0-9]*' ORDER BY name"
            ).fetchall()
            rows = []
            for (name,) in tables:
                rows += [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY id")]
        finally:
            connection.close()
        return [row for row in rows if key_id is None or row["key_id"] == key_id]

    def wait_for(self, count, seconds=10, key_id=None):
        """Waits until there are `count` rows, and returns all."""
        rows = []

        def enough():
            rows[:] = self.rows(key_id)
            return len(rows) >= count

        wait_until(enough, seconds, lambda: f"{count} ledger rows, there are {len(rows)}", pause=0.05)
        return rows

    def settled(self, seconds=10):
        """All rows, once none has been added for half a second."""
        state = {"count": -1, "polls": 0}

        def is_quiet():
            count = len(self.rows())
            state["polls"] = state["polls"] + 1 if count == state["count"] else 0
            state["count"] = count
            return state["polls"] >= 5

        wait_until(is_quiet, seconds, "a quiet ledger", pause=0.1)
        return self.rows()

    def query(self, sql, *values):
        connection = self._connect()
        try:
            return [dict(row) for row in connection.execute(sql, values)]
        finally:
            connection.close()
