"""Which fields of events are personal, told once more and apart from the schemas; and events full of such values."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FACTS = json.loads((Path(__file__).parent.parent / "facts" / "live_events.json").read_text())

_ENVELOPE = """
    root_account_id root_account_uuid root_account_lti_guid job_id request_id session_id hostname user_agent
    client_ip url referrer user_login user_account_id user_sis_id user_id real_user_id developer_key_id context_id
    context_account_id context_sis_source_id
"""
_BODY = """
    account_id account_notification_id account_uuid artifact_id asset_id asset_name assignment_group_id
    assignment_id assignment_id_duplicated_from assignment_name assignment_override_id associated_asset_id
    associated_integration_id associated_user_id attachment_id attachment_ids author_id authoritative_result_id
    blueprint_course_id blueprint_course_title blueprint_course_uuid body canvas_assignment_id canvas_course_id
    canvas_course_uuid child_course_account_uuid child_course_uuid child_subscription_id cloned_quiz_id
    content_export_id content_migration_id context_external_tool_id context_id context_title context_uuid
    conversation_id copied_from_outcome_id course_id course_section_id course_uuid description
    destination_course_lti_id discussion_entry_id discussion_topic_id display_name domain domain_duplicated_from
    email enrollment_id enrollment_term_id filename folder_id grade grade_passback_guid graded_url grader_id
    grading_period_id group_category_id group_category_name group_id group_membership_id group_name id instructions
    integration_data integration_id interaction_data ip_filter item_body label learning_outcome_context_uuid
    learning_outcome_group_id learning_outcome_group_context_uuid learning_outcome_id learning_outcome_link_id
    lookup_uuid lti_assignment_description lti_assignment_id lti_context_id lti_resource_link_id
    lti_resource_link_id_duplicated_from lti_user_id master_course_uuid master_migration_id
    master_template_account_uuid master_template_id message message_id module_id module_item_id name
    new_assignment_resource_link_id new_course_name new_course_resource_link_id new_course_uuid next_requirement_url
    nonxlist_course_id old_body old_display_name old_grade old_override_status old_override_status_id
    old_submission_status old_submission_status_id old_syllabus_body old_title original_assignment_resource_link_id
    original_course_uuid original_outcome_root_account_uuid original_quiz_id outcome_alignment_set_guid
    outcome_calculation_method_id outcome_friendly_description_id outcome_proficiency_id
    outcome_proficiency_rating_id override_status override_status_id owner parent_account_id
    parent_discussion_entry_author_id parent_discussion_entry_id parent_outcome_group_context_uuid
    parent_outcome_group_id passback_url properties quiz_id quiz_session_id quiz_session_result_id redirect_url
    resource_link_id resource_link_uuid resource_map resource_map_url result_context_id result_context_uuid
    root_account_id root_account_uuid rules scoring_data score_id section_id settings short_description short_name
    sis_batch_id sis_source_id source_course_lti_id source_course_uuid student_id student_sis_id subject
    submission_comment_id submission_id submission_status submission_status_id syllabus_body text title url user_id
    user_login user_name user_sis_id user_uuid uuid vendor_guid wiki_page_id
    canvas_id external_tool_id lti_resource_id migrated_urls_content_migration_id new_assignment_id new_course_id
    new_html new_resource_link_id original_resource_link_id resource_id scan_id src
"""
_KEPT = """
    event_name event_time producer job_tag http_method time_zone context_type context_role all_day_date
    artifact_type assessment_type asset_subtype asset_type associated_asset_type blueprint_course_workflow_state
    calculation_method category color content_type default_locale default_time_zone environment export_type
    external_status grading_method hide_results icon level migration_type one_at_a_time_type qti_type quiz_type
    region region_code result_context_type role score_to_keep scoring_algorithm scoring_policy state status
    stuck_sis_fields submission_type submission_types type user_response_type workflow_state allow_backtracking
    exclude_from_stats fudge_points has_time_limit shuffle_answers shuffle_questions success
    attempt field percentage points_possible question_type resource_type score session_items_count
    session_time_limit_in_seconds
"""
ENVELOPE, BODY, KEPT = (set(names.split()) for names in (_ENVELOPE, _BODY, _KEPT))

RETRY = "outcomes.retry_outcome_alignment_clone"
NAMES = (
    "Aur\u00e9lie",
    "Bartholom\u00e4us",
    "Chinwendu",
    "\u5c0f\u660e\u674e\u738b",
    "Dagmar-Louise",
    "O'Shaughnessy",
)
NESTED = {
    "course": {"id": "id", "name": "string", "account_id": "id", "sis_source_id": "string"},
    "user": {"id": "id", "name": "string", "email": "string"},
    "progress": {"requirement_count": "number", "next_requirement_url": "string", "completed_at": "timestamp"},
    "owner": {"type": "string", "quiz_id": "id", "course_id": "id or empty", "lti_resource_id": "string"},
    "assignment": {"context_title": "string", "course_uuid": "string", "resource_link_id": "string"},
    "qti_export": {"url": "string"},
    "rubric_criterion": {"description": "string", "points_possible": "number"},
    "restrictions": {"content": "boolean"},
}


class Institution:
    """Makes events with people, courses and other objects that come up again and again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._shard = self._random.randrange(2000, 9000)
        self._locals = [self._random.randrange(10**8, 10**9) for _ in range(150)]
        self._uuids = [self._token("0123456789ABCDEFGHabcdefghijkl", 40) for _ in range(60)]
        self._hashes = [self._token("0123456789abcdef", 40) for _ in range(60)]
        self._hosts = [f"school-{number}.learning.example.edu" for number in range(5)]
        self._logins = [
            f"{name.lower()}.{number}@mail-{number % 7}.example.edu"
            for number, name in enumerate(NAMES * 8, self._random.randrange(1000, 9000))
        ]
        self._texts = [f'{name} wrote "{number}"\n<p>{name}</p>' for number, name in enumerate(NAMES * 9, 4321)]

    def events(self, count: int) -> list[dict[str, Any]]:
        """Return *count* events of all documented names in turn, every fifth a retry."""
        names = sorted(FACTS["events"])
        return [self.event(names[number % len(names)] if number % 5 else RETRY) for number in range(count)]

    def event(self, name: str) -> dict[str, Any]:
        """Return a valid event with every documented field, and some more."""
        envelope = {field: self._envelope_value(field, fact["type"]) for field, fact in FACTS["metadata"].items()}
        body = self._object(FACTS["events"][name]["body"])
        if name == RETRY:
            body["status"] = self._random.choice(("outcome_alignment_cloning", "failed_to_clone"))
        elif body:
            body["nobody_documented_this"] = {
                "secret": self._text(),
                "list": [self._text(), self._random.randrange(10**6, 10**7), True, None, 3],
                self._random.choice(self._logins): "the name is an address",
            }
        return {"metadata": {**envelope, "event_name": name}, "body": body}

    def _object(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {field: self._body_value(field, kind) for field, kind in fields.items()}

    def _envelope_value(self, field: str, kind: str) -> Any:
        made = {
            "root_account_lti_guid": lambda: f"{self._uuids[0]}:canvas-lms",
            "request_id": self._uuid,
            "session_id": lambda: self._token("0123456789abcdef", 32),
            "client_ip": self._ip,
            "user_agent": lambda: f"Mozilla/5.0 (X11; {self._random.choice(NAMES)} rv:{self._local()})",
            "context_role": lambda: self._random.choice(("TeacherEnrollment", "StudentEnrollment")),
            "time_zone": lambda: "Europe/Paris",
        }
        if field in made:
            return made[field]()
        return str(self._id()) if kind == "id" else self._body_value(field, kind)

    def _body_value(self, field: str, kind: Any) -> Any:
        if field in NESTED and kind != "any":
            return self._object(NESTED[field])
        if field == "outcome_proficiency_ratings":
            return [self._object({"outcome_proficiency_rating_id": "id", "description": "string", "color": "string"})]
        if kind == "string":
            return self._string(field)
        return {
            "id": lambda: self._random.choice((str, int))(self._id()),
            "id or empty": lambda: self._random.choice(("", self._id(), str(self._id()))),
            "any": lambda: "true" if field in KEPT else self._random.choice((self._text(), self._id(), [self._text()])),
            "array": lambda: ["name", "sis_source_id"] if field in KEPT else [self._id(), str(self._id())],
            "object": lambda: {"note": self._text(), "ids": [self._id()]},
            "timestamp": lambda: (
                f"2024-05-{self._random.randrange(1, 29):02}T10:{self._random.randrange(60):02}:07.5-06:00"
            ),
            "number": lambda: self._random.choice((1, 97.5, 20000)),
            "boolean": lambda: True,
        }[kind]()

    def _string(self, field: str) -> str:
        if field in KEPT:
            return "2024-05-06" if field == "all_day_date" else "failed_to_clone"
        if field in ("hostname", "domain", "domain_duplicated_from"):
            return self._random.choice(self._hosts)
        if "url" in field or field in ("referrer", "src"):
            return self._url()
        if field.endswith(("uuid", "guid")):
            return self._random.choice(self._uuids)
        if field.endswith(("lti_id", "link_id", "lti_context_id")):
            return self._random.choice(self._hashes)
        if field in ("user_login", "email"):
            return self._random.choice(self._logins)
        return f"SIS-{self._local()}-x" if "sis" in field else self._text()

    def _url(self) -> str:
        login = self._random.choice(self._logins)
        page = self._random.choice(
            (
                f"courses/{self._local()}/assignments/{self._local()}/retry_alignment_clone"
                f"?target_assignment_id={self._local()}&target_course_id={self._id()}",
                f"users/{self._id()}/files/{login.replace('@', '%40')}?sort={self._uuid()}#{self._text()!r}",
                f"api/v1/users/sis_login_id:{login}/profile?search_term={login}",
            )
        )
        return f"https://{self._random.choice(self._hosts)}/{page}"

    def _local(self) -> int:
        return self._random.choice(self._locals)

    def _id(self) -> int:
        return self._random.choice((0, self._shard * 10**13)) + self._local()

    def _text(self) -> str:
        return self._random.choice(self._texts)

    def _ip(self) -> str:
        host = self._random.randrange(1 << 16)
        return self._random.choice((f"198.51.{host >> 8}.{host & 255}", f"2001:db8:85a3::8a2e:{host:x}"))

    def _uuid(self) -> str:
        digits = self._token("0123456789abcdef", 31)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:30]}"

    def _token(self, letters: str, length: int) -> str:
        return "".join(self._random.choices(letters, k=length))


def leaves(event: dict[str, Any]) -> Iterator[tuple[str, bool, Any]]:
    """Yield (field, whether it is personal, value) for each text and number of *event*.

    What is inside an undocumented field, or one whose inside is not documented, is all personal.
    """
    for part in ("metadata", "body"):
        yield from _leaves(event[part], "", False)


def _leaves(value: Any, field: str, personal: bool) -> Iterator[tuple[str, bool, Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            told = name in ENVELOPE | BODY or name == "nobody_documented_this" or (personal and name not in KEPT)
            yield from _leaves(member, name, told)
    elif isinstance(value, list):
        for element in value:
            yield from _leaves(element, field, personal)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield field, personal, value
