"""The document of ``cevents summarize -o json``, computed with Polars: ``python summarize_polars.py FILE``.

As somebody would write it who knows Polars and the events, with the same care as ``summarize_duckdb.py``.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import polars as pl
from polars import col

RETRY = "outcomes.retry_outcome_alignment_clone"
TOP = 10
BODY = (
    *("status", "domain", "original_course_uuid", "new_course_uuid", "new_assignment_resource_link_id"),
    *("original_assignment_resource_link_id", "new_course_resource_link_id"),
)
ENVELOPE = (
    *("event_name", "event_time", "request_id", "root_account_uuid", "context_role", "user_id", "hostname", "url"),
)
UPDATE = ("workflow_state", "lti_resource_link_id", "context_uuid", "assignment_id")
ENDS = {"published": 0, "unpublished": 1, "failed_to_clone_outcome_alignment": 2, "deleted": 3}
URL = (
    r"/courses/(?<source_id>\d+)/assignments/\d+/retry_alignment_clone"
    r"\?target_assignment_id=(?<assignment_id>\d+)&target_course_id=(?<course_id>\d+)"
)
OUTCOMES = ("succeeded", "failed", "abandoned", "timed_out", "unknown")
ASSIGNMENT = ("root", "assignment")
LENGTHS = {"minute": ("1m", timedelta(hours=3)), "hour": ("1h", timedelta(days=7)), "day": ("1d", timedelta.max)}


def _events(file: str) -> pl.LazyFrame:
    schema = {
        "metadata": pl.Struct(dict.fromkeys(ENVELOPE, pl.String)),
        "body": pl.Struct(dict.fromkeys(BODY + UPDATE, pl.String)),
    }
    instant = col("event_time").str.replace("Z$", "+00:00").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us")
    return pl.scan_ndjson(file, schema=schema).unnest("metadata", "body").with_columns(moment=instant)


def _retries(events: pl.DataFrame) -> pl.DataFrame:
    """Return the unique retries, with what tells their assignments apart, and when the next of the same came."""
    known = {
        "root": "root_account_uuid",
        "user": "user_id",
        "host": "hostname",
        "link": "new_assignment_resource_link_id",
    }
    place = col("new_course_uuid") + "@" + col("assignment_id")
    return (
        events.lazy()
        .filter(col("event_name") == RETRY)
        .unique(["moment", "request_id", *BODY], keep="first", maintain_order=True)
        .with_columns(
            col("url").str.extract_groups(URL).struct.unnest(), **{new: col(old) for new, old in known.items()}
        )
        .with_columns(place=place)
        .with_row_index("id")
        .with_columns(assignment=pl.coalesce("link", "place", col("id").cast(pl.String)))
        .sort("moment")
        .with_columns(next=col("moment").shift(-1).over(*ASSIGNMENT))
        .collect()
    )


def _with_outcomes(retries: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    updates = events.filter(col("event_name") == "assignment_updated").select(
        root="root_account_uuid",
        link="lti_resource_link_id",
        place=col("context_uuid") + "@" + col("assignment_id"),
        told="moment",
        told_by="request_id",
        rank=col("workflow_state").replace_strict(ENDS, default=None, return_dtype=pl.Int8),
    )
    known = retries.select("id", "root", "link", "place", "moment", "next", "request_id")
    by_link = known.join(updates, on=["root", "link"]).drop("place", "place_right")
    by_place = known.join(updates, on=["root", "place"]).filter(col("link").is_null() | col("link_right").is_null())
    columns = ["id", "moment", "next", "request_id", "told", "told_by", "rank"]
    pairs = pl.concat([by_link.select(columns), by_place.select(columns)])
    is_end = ~col("own") & col("rank").is_not_null() & (col("told") >= col("moment"))
    ends = pairs.with_columns(own=col("request_id") == col("told_by")).with_columns(
        is_end=is_end & (col("next").is_null() | (col("told") < col("next")))
    )
    first = ends.filter("is_end").sort("told", "rank").unique("id", keep="first").select("id", "told", "rank")
    latest = events["moment"].max()
    silent = col("own") & (latest - col("moment") >= timedelta(minutes=20))
    outcome = (
        pl.when(col("rank") <= 1)
        .then(pl.lit("succeeded"))
        .when(col("rank") == 2)
        .then(pl.lit("failed"))
        .when(col("rank") == 3)
        .then(pl.lit("abandoned"))
        .when(col("next").is_not_null())
        .then(pl.lit("failed"))
        .when(silent)
        .then(pl.lit("timed_out"))
        .otherwise(pl.lit("unknown"))
    )
    seconds = pl.when(col("rank") <= 1).then((col("told") - col("moment")).dt.total_microseconds() / 1e6).round(6)
    return (
        retries.join(first, on="id", how="left")
        .join(ends.group_by("id").agg(col("own").any()), on="id", how="left")
        .with_columns(outcome=outcome, seconds=seconds)
    )


def _usual(retries: pl.DataFrame, keys: list[str], field: str) -> pl.DataFrame:
    """Return the most frequent value of *field* for each of the *keys*, of several the shortest."""
    counts = retries.drop_nulls(field).group_by(*keys, field).len("n").with_columns(size=col(field).str.len_chars())
    return (
        counts.sort("n", "size", field, descending=[True, False, False]).unique(keys, keep="first").select(*keys, field)
    )


def _text(time: str) -> pl.Expr:
    return col(time).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").alias(time)


def _most(groups: pl.DataFrame, key: str, top: int) -> pl.DataFrame:
    return groups.drop_nulls(key).sort("retries", key, descending=[True, False]).head(top)


def _linked() -> pl.Expr:
    return pl.struct("root", "link").filter(col("link").is_not_null()).n_unique()


def _target_courses(retries: pl.DataFrame, last: pl.DataFrame, top: int) -> pl.DataFrame:
    course = "new_course_uuid"
    groups = retries.group_by(course).agg(
        retries=pl.len(),
        assignments=_linked(),
        users=col("user").drop_nulls().n_unique(),
        first=col("moment").min(),
        last=col("moment").max(),
    )
    largest = _most(groups, course, top)
    members = retries.join(largest.select(course), on=course, how="semi")
    touched = members.select(course, *ASSIGNMENT).unique().join(last, on=ASSIGNMENT, nulls_equal=True)
    unresolved = touched.group_by(course).agg(unresolved=(col("outcome") != "succeeded").sum())
    usual = _usual(members, [course], "course_id")
    found = largest.join(usual, on=course, how="left").join(unresolved, on=course, how="left", maintain_order="left")
    return found.rename({"course_id": "target_course_id"}).with_columns(_text("first"), _text("last"))


def _repeated(retries: pl.DataFrame, last: pl.DataFrame, top: int) -> pl.DataFrame:
    linked = retries.filter(col("link").is_not_null())
    times = {"first": col("moment").min(), "last": col("moment").max()}
    counts = linked.group_by("root", "link").agg(retries=pl.len()).filter(col("retries") >= 2)
    largest = counts.sort("retries", "link", "root", descending=[True, False, False]).head(top)
    keys = ["root", "link"]
    page = pl.concat_str(
        pl.lit("https://"), "host", pl.lit("/courses/"), "course_id", pl.lit("/assignments/"), "assignment_id"
    )
    members = linked.join(largest, on=keys, how="semi").with_columns(address=page)
    found = largest.join(members.group_by(keys).agg(**times), on=keys)
    for field in ("assignment_id", "new_course_uuid", "address"):
        found = found.join(_usual(members, keys, field), on=keys, how="left")
    ends = last.select("root", link="assignment", last_outcome="outcome", seconds="seconds")
    found = found.join(ends, on=keys).sort("retries", "link", "root", descending=[True, False, False])
    names = {"link": "new_assignment_resource_link_id", "assignment_id": "target_assignment_id"}
    return found.drop("root").rename(names).with_columns(_text("first"), _text("last"))


def document(file: str, top: int = TOP) -> dict[str, Any]:
    """Return the document for the capture in *file*."""
    events = _events(file).collect(engine="streaming")
    names = events.group_by(name=col("event_name").fill_null("(none)"))
    spans = names.agg(events=pl.len(), first=col("moment").min(), last=col("moment").max())
    types = dict(spans.select("name", "events").iter_rows())
    timed = spans.drop_nulls("last").select("name", _text("first"), _text("last"))
    retries = _with_outcomes(_retries(events), events)
    last = retries.filter(col("next").is_null()).select(*ASSIGNMENT, "outcome", "seconds")

    def tally(field: str) -> dict[str, int]:
        return dict(retries.group_by(col(field).fill_null("(none)")).len().iter_rows())

    first, end = retries["moment"].min(), retries["moment"].max()
    bucket = next(name for name, (_, longest) in LENGTHS.items() if end - first <= longest)
    starts = retries.drop_nulls("moment").group_by(start=col("moment").dt.truncate(LENGTHS[bucket][0]))
    sources = retries.group_by("original_course_uuid").agg(
        retries=pl.len(), target_courses=col("new_course_uuid").drop_nulls().n_unique()
    )
    largest = _most(sources, "original_course_uuid", top)
    source_ids = _usual(retries, ["original_course_uuid"], "source_id").rename({"source_id": "source_course_id"})
    users = retries.group_by(user_id="user").agg(retries=pl.len(), assignments=_linked())
    outcomes = tally("outcome")
    times = retries.select(first_event_time=col("moment").min(), last_event_time=col("moment").max())
    return {
        "events": events.height,
        "malformed": 0,
        "event_types": types,
        "event_type_times": {name: {"first": first, "last": last} for name, first, last in timed.iter_rows()},
        "retry_clone": {
            "events": types.get(RETRY, 0),
            "unique": retries.height,
            "redelivered": types.get(RETRY, 0) - retries.height,
            **times.select(_text("first_event_time"), _text("last_event_time")).row(0, named=True),
            "bad_times": retries["moment"].null_count(),
            "outcomes": {outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES},
            "statuses": tally("status"),
            "domains": tally("domain"),
            "context_roles": tally("context_role"),
            "source_courses": retries["original_course_uuid"].drop_nulls().n_unique(),
            "target_courses": retries["new_course_uuid"].drop_nulls().n_unique(),
            "target_assignments": retries.select(_linked()).item(),
            "users": retries["user"].drop_nulls().n_unique(),
            "top_target_courses": _target_courses(retries, last, top).to_dicts(),
            "top_source_courses": largest.join(
                source_ids, on="original_course_uuid", how="left", maintain_order="left"
            ).to_dicts(),
            "top_users": _most(users, "user_id", top).to_dicts(),
            "repeated_assignments": _repeated(retries, last, top).to_dicts(),
            "timeline": {
                "bucket": bucket,
                "counts": starts.agg(retries=pl.len()).sort("start").with_columns(_text("start")).to_dicts(),
            },
        },
    }


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1]), indent=2))
