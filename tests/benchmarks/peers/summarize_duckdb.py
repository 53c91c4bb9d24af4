"""The document of ``cevents summarize -o json``, computed with DuckDB: ``python summarize_duckdb.py FILE``.

As somebody would write it who knows DuckDB and the events: a schema is given, what is needed of a retry goes into a
table once, and the figures are queries of that. It takes less care than cevents: no malformed lines, no wrappers, no
``attributes``, urls as Canvas writes them, no global ids that other events give in their local form.
"""

import json
import sys
from typing import Any

import duckdb

RETRY = "outcomes.retry_outcome_alignment_clone"
TOP = 10
BODY = (
    *("status", "domain", "original_course_uuid", "new_course_uuid", "new_assignment_resource_link_id"),
    *("original_assignment_resource_link_id", "new_course_resource_link_id"),
)
ENVELOPE = (
    *("event_name", "event_time", "request_id", "root_account_uuid", "context_role", "user_id", "hostname", "url"),
)
URL = r"/courses/(\d+)/assignments/\d+/retry_alignment_clone\?target_assignment_id=(\d+)&target_course_id=(\d+)"
UPDATE = ("workflow_state", "lti_resource_link_id", "context_uuid", "assignment_id")


def _struct(names: tuple[str, ...]) -> str:
    return f"STRUCT({', '.join(f'{name} VARCHAR' for name in names)})"


TABLES = f"""
create temp table events as select metadata m, body b,
    make_timestamp(epoch_us(try_cast(metadata.event_time as timestamptz))) moment from read_json(
    $file, format = 'newline_delimited',
    columns = {{metadata: '{_struct(ENVELOPE)}', body: '{_struct(BODY + UPDATE)}'}});
create temp table copies as select moment, m.request_id request, {", ".join(f"b.{name} {name}" for name in BODY)},
    first(m.context_role) context_role, first(m.user_id) user_id, first(m.root_account_uuid) root,
    first(m.hostname) host, first(m.url) url
    from events where m.event_name = '{RETRY}' group by all;
create temp table retries as
    with parsed as (select *, new_assignment_resource_link_id link, row_number() over () id, regexp_extract(url,
            '{URL}',
            ['source_id', 'assignment_id', 'course_id']) ids from copies),
        placed as (select *, case when ids.assignment_id <> '' then new_course_uuid || '@' || ids.assignment_id
            end place from parsed)
    select moment, request, root, link, id, place, original_course_uuid, new_course_uuid, user_id, host, ids.source_id,
        ids.course_id, ids.assignment_id, coalesce(status, '(none)') status, coalesce(domain, '(none)') domain,
        coalesce(context_role, '(none)') context_role, coalesce(link, place, id::varchar) assignment,
        lead(moment) over (partition by root, assignment order by moment) next
    from placed;
create temp table updates as select moment, m.request_id request, m.root_account_uuid root, b.workflow_state state,
    b.lti_resource_link_id link, b.context_uuid || '@' || b.assignment_id place
    from events where m.event_name = 'assignment_updated';
create temp table told as
    with pairs as (
        select r.id, r.moment, r.next, r.request, u.moment told, u.request told_by, u.state
            from retries r join updates u
            on r.root = u.root and r.link = u.link
        union all
        select r.id, r.moment, r.next, r.request, u.moment told, u.request told_by, u.state
            from retries r join updates u
            on r.root = u.root and r.place = u.place where r.link is null or u.link is null
    ), ends as (
        select *, request is not distinct from told_by own, list_position(
            ['published', 'unpublished', 'failed_to_clone_outcome_alignment', 'deleted'], state) rank from pairs
    )
    select id, bool_or(own) own, min((told, rank))
        filter (not own and rank is not null and told >= moment and (next is null or told < next)) first_end
    from ends group by id;
create temp table endings as select r.*, case
        when first_end[2] <= 2 then 'succeeded'
        when first_end[2] = 3 then 'failed'
        when first_end[2] = 4 then 'abandoned'
        when next is not null then 'failed'
        when own and (select max(moment) from events) - moment >= interval 20 minutes then 'timed_out'
        else 'unknown' end outcome,
    case when first_end[2] <= 2 then epoch_us(first_end[1] - moment) / 1e6 end as seconds
    from retries r left join told using (id);
"""
TIME = "strftime({}, '%Y-%m-%dT%H:%M:%S.%gZ')"
MOST = "order by retries desc, 1 limit {top}"


def _usual(field: str) -> str:
    """Return what finds the most frequent value of *field* in the groups of *groups*, the shortest of several."""
    return f"""(select key, arg_min(v, (-n, length(v), v)) usual from
        (select {{key}} key, {field} v, count(*) n from endings where v <> '' group by all) group by key)"""


QUERIES = {
    "top_target_courses": f"""
        with usual as {_usual("course_id").format(key="new_course_uuid")}, unresolved as (
            select new_course_uuid, count(*) filter (outcome <> 'succeeded') n from
                (select distinct new_course_uuid, root, assignment from endings)
                join (select root, assignment, outcome from endings where next is null) using (root, assignment)
            group by all)
        select new_course_uuid, any_value(usual) target_course_id, count(*) retries,
            count(distinct (root, link)) filter (link is not null) assignments, count(distinct user_id) users,
            any_value(n) unresolved, {TIME.format("min(moment)")} as first, {TIME.format("max(moment)")} as last
        from endings left join usual on key = new_course_uuid left join unresolved using (new_course_uuid)
        where new_course_uuid is not null group by new_course_uuid {MOST}""",
    "top_source_courses": f"""
        with usual as {_usual("source_id").format(key="original_course_uuid")}
        select original_course_uuid, any_value(usual) source_course_id, count(*) retries,
            count(distinct new_course_uuid) target_courses
        from endings left join usual on key = original_course_uuid
        where original_course_uuid is not null group by original_course_uuid {MOST}""",
    "top_users": f"""
        select user_id, count(*) retries, count(distinct (root, link)) filter (link is not null) assignments
        from endings where user_id is not null group by user_id {MOST}""",
    "repeated_assignments": f"""
        with most as (select link, root, count(*) retries, min(moment) first, max(moment) last,
                arg_max(outcome, moment) last_outcome, arg_max(seconds, moment) filter (next is null) as seconds
            from endings where link is not null group by all having retries >= 2
            order by retries desc, link, root limit {{top}}),
        members as (select link, root, assignment_id, new_course_uuid, 'https://' || host || '/courses/' ||
                nullif(course_id, '') || '/assignments/' || nullif(assignment_id, '') address
            from endings semi join most using (link, root))
        select link new_assignment_resource_link_id,
            (select arg_min(v, (-n, length(v), v)) from (select assignment_id v, count(*) n from members m
                where m.link = most.link and m.root = most.root and v <> '' group by v)) target_assignment_id,
            (select arg_min(v, (-n, length(v), v)) from (select new_course_uuid v, count(*) n from members m
                where m.link = most.link and m.root = most.root and v <> '' group by v)) new_course_uuid,
            retries, {TIME.format("first")} as first, {TIME.format("last")} as last, last_outcome, seconds,
            (select arg_min(v, (-n, length(v), v)) from (select address v, count(*) n from members m
                where m.link = most.link and m.root = most.root and v <> '' group by v)) address
        from most order by retries desc, link, root""",
}
ONE = f"""select count(*) "unique", {TIME.format("min(moment)")} as first_event_time,
    {TIME.format("max(moment)")} as last_event_time, count(*) - count(moment) bad_times,
    count(distinct original_course_uuid) source_courses,
    count(distinct new_course_uuid) target_courses,
    count(distinct (root, link)) filter (link is not null) target_assignments, count(distinct user_id) users,
    case when max(moment) - min(moment) <= interval 3 hours then 'minute'
        when max(moment) - min(moment) <= interval 7 days then 'hour' else 'day' end bucket from endings"""
TYPES = f"""select coalesce(m.event_name, '(none)') as name, count(*) events, {TIME.format("min(moment)")} as first,
    {TIME.format("max(moment)")} as last from events group by 1"""
TIMELINE = f"""select {TIME.format("start")} start, retries from (select date_trunc('{{bucket}}', moment) start,
    count(*) retries from endings where moment is not null group by all) order by 1"""
OUTCOMES = ("succeeded", "failed", "abandoned", "timed_out", "unknown")


def document(file: str, top: int = TOP) -> dict[str, Any]:
    """Return the document for the capture in *file*."""
    connection = duckdb.connect()
    for statement in TABLES.split(";\n")[:-1]:
        connection.execute(statement, {"file": file} if "$file" in statement else {})

    def rows(query: str) -> list[dict[str, Any]]:
        found = connection.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def tally(field: str) -> dict[str, int]:
        return dict(connection.execute(f"select {field}, count(*) from endings group by all").fetchall())

    names = rows(TYPES)
    types = {one["name"]: one["events"] for one in names}
    one = rows(ONE)[0]
    bucket, outcomes = one.pop("bucket"), tally("outcome")
    retries = types.get(RETRY, 0)
    return {
        "events": sum(types.values()),
        "malformed": 0,
        "event_types": types,
        "event_type_times": {one["name"]: {"first": one["first"], "last": one["last"]} for one in names if one["last"]},
        "retry_clone": {
            "events": retries,
            "redelivered": retries - one["unique"],
            **one,
            "outcomes": {outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES},
            "statuses": tally("status"),
            "domains": tally("domain"),
            "context_roles": tally("context_role"),
            **{name: rows(query.format(top=top)) for name, query in QUERIES.items()},
            "timeline": {"bucket": bucket, "counts": rows(TIMELINE.format(bucket=bucket))},
        },
    }


if __name__ == "__main__":
    print(json.dumps(document(sys.argv[1]), indent=2))
