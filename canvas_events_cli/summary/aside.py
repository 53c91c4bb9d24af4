"""What people are told beside the figures of a document."""

from collections.abc import Mapping
from typing import NamedTuple

from canvas_events_cli.summary.document import SummaryDocument
from canvas_events_cli.summary.groups import Group, Rows, members
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.timeline import NO_TIME, format_micros


class Aside(NamedTuple):
    """What the formats for people say, and ``-o json`` does not."""

    latest: str | None = None
    """The latest time of any event: until then an assignment waits. As in the document."""
    older: int = 0
    """Retries that came under the name that they had before mid-2024, copies included."""
    logins: Mapping[str, str] = {}
    """The login of users in the document, by their ids."""


def aside(report: SummaryReport, document: SummaryDocument) -> Aside:
    """Return what is told beside *document*, which was made of *report*."""
    users, table = report.retries.column("user"), Rows(report.retries)
    shown = {users.numbers[row["user_id"]]: row["user_id"] for row in document["retry_clone"]["top_users"]}
    groups = members(users.rows, shown)
    logins = {user: Group(groups[number], table).usual("login") for number, user in shown.items()}
    return Aside(
        latest=None if report.latest == NO_TIME else format_micros(report.latest),
        older=report.retries.older,
        logins={user: login for user, login in logins.items() if login is not None},
    )
