"""How retries ended, decided again in the plainest way: each retry looks at every update.

Slow and independent: nothing of canvas_events_cli is used. A retry is a dict of texts or None (``root``, ``link``,
``course``, ``id``, ``request``) and ``time``, a datetime or None; an update has a ``state`` besides.
"""

from datetime import timedelta

SUCCESS = ("published", "unpublished")
FAILURE = ("failed_to_clone_outcome_alignment",)
ENDS = (*SUCCESS, *FAILURE, "deleted")
"""In the order in which they count at one instant."""


def same_id(one, other):
    """Tell whether two ids are of the same object: DESIGN's ``@``."""
    if one is None or other is None:
        return False
    one, other = int(one), int(other)
    return one == other or (min(one, other) < 10**13 and one % 10**13 == other % 10**13)


def joins(retry, update):
    if retry["root"] != update["root"]:
        return False
    if retry["link"] is not None and update["link"] is not None:
        return retry["link"] == update["link"]
    return retry["course"] is not None and retry["course"] == update["course"] and same_id(retry["id"], update["id"])


def same_assignment(one, other, retries):
    """Tell whether two retries are of the same assignment."""
    if one is other:
        return True
    if one["root"] != other["root"] or one["link"] != other["link"]:
        return False
    if one["link"] is not None:
        return True
    if one["id"] is None or other["id"] is None or one["course"] != other["course"]:
        return False
    if not same_id(one["id"], other["id"]):
        return False
    # A local id is a global one only where there is one that it can be.
    there = [r["id"] for r in retries if (r["root"], r["link"], r["course"]) == (one["root"], None, one["course"])]
    full = {int(i) for i in there if i is not None and int(i) >= 10**13 and same_id(i, int(one["id"]) % 10**13)}
    return int(one["id"]) == int(other["id"]) or len(full) == 1


def in_order(retries):
    """Return the retries that have a time, those at one instant in an order of their own."""
    names = ("request", "course", "id")
    timed = [retry for retry in retries if retry["time"]]
    return sorted(timed, key=lambda retry: (retry["time"], *(retry[name] or "" for name in names)))


def ending(retry, retries, updates, latest):
    """Return the outcome of *retry*, and the seconds to its success."""
    if retry["time"] is None:
        return "unknown", None

    same = [r for r in in_order(retries) if same_assignment(retry, r, retries)]
    later = same[[r is retry for r in same].index(True) + 1 :]
    until = min((r["time"] for r in later), default=None)
    mine = [update for update in updates if joins(retry, update)]
    own = [update for update in mine if retry["request"] and update["request"] == retry["request"]]
    ends = [
        (update["time"], ENDS.index(update["state"]))
        for update in mine
        if update["state"] in ENDS
        and not (retry["request"] and update["request"] == retry["request"])
        and update["time"] is not None
        and update["time"] >= retry["time"]
        and (until is None or update["time"] < until)
    ]
    if ends:
        time, state = min(ends)
        if ENDS[state] in SUCCESS:
            return "succeeded", (time - retry["time"]) / timedelta(seconds=1)
        return ("failed", None) if ENDS[state] in FAILURE else ("abandoned", None)
    if later:
        return "failed", None
    if own and latest - retry["time"] >= timedelta(minutes=20):
        return "timed_out", None
    return "unknown", None


def last_ending(retry, retries, updates, latest):
    """Return the ending of the last retry of the assignment that *retry* is of."""
    same = [r for r in in_order(retries) if same_assignment(retry, r, retries)]
    return ending(same[-1], retries, updates, latest) if same else ("unknown", None)
