"""What a control port shows, and how a test picks from it and waits for more."""
import json

WORDS = {"until", "timeout", "after", "contains"}
LONGEST_WAIT = 120.0


class Listings:
    """`kinds`: by name, a function that gives the rows."""

    def __init__(self, journal, kinds):
        self.journal, self.kinds = journal, kinds

    async def show(self, kind, query):
        """(rows, whether as many as wanted are there). Without `until` and `timeout` it does not wait."""
        filters = {name: value for name, value in query.items() if name not in WORDS}
        after, wanted = int(query.get("after", 0)), int(query.get("until", 1))
        waits = "until" in query or "timeout" in query

        def look():
            return [row for row in self.kinds[kind]() if row.get("seq", after + 1) > after
                    and _matches(row, filters, query.get("contains"))]

        if not waits:
            return look(), True
        seconds = min(LONGEST_WAIT, float(query.get("timeout", 10)))
        return await self.journal.until(look, lambda rows: len(rows) >= wanted, seconds)


def _matches(row, filters, contains):
    if contains is not None and contains not in json.dumps(row, ensure_ascii=False):
        return False
    return all(_plain(_field(row, path)) == value for path, value in filters.items())


def _field(row, path):
    """`arguments.channel` looks inside."""
    for part in path.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value)
