"""Which texts may stay where a schema says that a field is not personal: those that look like what such fields hold.

A field's name does not bind its value: a login can stand in ``status``. So a text stays only where all of its words
are ones that Canvas makes states, kinds and roles of, or where it is a time zone, a language, a small number, a
colour, a duration or a version. Anything else is replaced: better a state too many hidden than one name told.
"""

import re
from collections.abc import Callable
from functools import cache

_LONGEST = 256
"""A list of all types of submission has 120 characters."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.ASCII)
_JOINED_WORDS = re.compile(r"[A-Za-z]+(?:(?:::?|[_.,#/+-])[A-Za-z]+)*", re.ASCII)
_EVENT_NAME = re.compile(r"[a-z]{1,32}(?:[._-][a-z]{1,32}){1,9}", re.ASCII)
_CODE = re.compile("`([^`]+)`")

_FORMS = re.compile(
    r"""
    [a-z]{2}(?:-[A-Z]{2}|-[A-Z][a-z]{3})?            # a language, with its region or script (RFC 5646)
    | -?\d{1,3}(?:\.\d{1,2})?%?                      # a score; ids have more digits
    | \#?[0-9A-Fa-f]{6}                              # a colour
    | P(?:\d{1,3}[YMWD])*(?:T(?:\d{1,5}(?:\.\d{1,3})?[HMS])+)?   # a duration (ISO 8601)
    | [a-z]{2}(?:-[a-z]{4,9}){1,2}-\d                 # a region of a data centre
    | https?://purl\.imsglobal\.org/ctx/caliper/v\dp\d(?:/[A-Za-z]{1,32}Extension)?
    | v?\d{1,3}(?:\.\d{1,3}){1,2}                    # a version; an address has four numbers
    """,
    re.VERBOSE | re.ASCII,
)

# What states, kinds, roles, media types and the like are made of, in events of Canvas and its services, in Caliper 1.1
# and in what events arrive in, beside the words that the field's own schema gives as examples.
_WORDS_OF_STATES = """
    a abandoned accepted access account accounts accreditor activated active added adhoc admin agent aliased
    alignment all allowed always and annotated annotation announcement announcements any application approved
    archive artifact as assessment assessments asset assignable assigned assignment assignments at attached
    attachment attachments attempt attempts audio auto autograde automatic available average aws base based
    basic beta binary blueprint blueprints body bookmarked business by calculated calendar canceled canvas
    captioning cartridge category changed chapter check choice classified clone cloned cloning closed code
    collaborations collection comment commented common complete completed conclude concluded conference
    conferences contained content context conversation copied copy count course courses create created creation
    creator csv custom daily data date day deactivated decaying default delayed delete deleted deletion denied
    described design designer development digital disabled discussion discussions dislike disliked docs document
    draft duplicate duplicated duplicating edit editor elb enabled end ended enrollment enrollments entered
    entity entry equivalence error essay evaluated event eventbridge ever excel excused exited export exported
    exporter exporting extension external fail failed false feedback file files fill final final_grade finished
    first for form format forum forwarded fragment frame free full generated get gif global gradable grade
    gradebook graded grader grades grading graph group groups head hid hidden highest highlighted hotspot html
    http https icon id identified idle image immediate import importance imported importer importing in inactive
    incomplete individual info information inline instructor integer invitation invited is item items javascript
    job jpeg jpg json jumped kafka keep key keyboard kinesis lambda last late latest launch launched learner
    learning level library liked link linked list live lms local locked logged login lti manual manually map
    mark marked master matching maximum media membership mentor merge message method migrated migrating
    migration migrations missing mobile moderated moderation modified module modules monthly mp mpeg ms msword
    multi multiple muted n navigated navigation new next no none normal not notification number numeric
    numerical object observer octet of off offering official on once one online only open opendocument opened
    openxmlformats optional options or order ordering org organization other outcome outcomes outdated outline
    overdue override owner package page pages paid paper participate participation pass passed patch paused pdf
    peer pending percent percentage permanent person plagiarism plain player png points policy popout post
    posted powerpoint practice presentation presentationml previous printed private proctor proctored production
    progress provisional public publish published purged put qti question questionnaire questions queued
    quicktime quiz quizzes random ranked rated rating read reader ready recommended record recorded recording
    references rejected released removed reopened report requested required reset resource response restarted
    restored restricted result results resumed retrieved retry returned review reviewed rewound rich role roll
    rows rubric running save saved schedule scheduled score scoring searched section security select selected
    send sent sequence service session set settings shared sheet showed shuffle single sis skipped sns software
    spreadsheet spreadsheetml sqs staff stale start started state stats status stream string student students
    subaccount submission submissions submit submitted subscribed survey svg syllabus system ta tab table tagged
    tar task teacher template term test text thread time timed timeout to tool topic total transition trial true
    turnitin type unassigned undeleted unenrolled ungraded unlocked unmuted unposted unpublished unread
    unsubmitted unsubscribed until untimed update updated upload uploaded uploads url use used user users uuid
    validated value vendor video view viewed visible vnd waiting warning wav web weekly weighted wiki window
    with word wordprocessingml workflow wrote x xls xlsx xml yes zip
"""
_VOCABULARY = frozenset(_WORDS_OF_STATES.split())


def is_event_name(text: str) -> bool:
    """Tell whether *text* can be what Canvas calls an event: words, one of them known, as in ``course_imploded``."""
    return _EVENT_NAME.fullmatch(text) is not None and not _VOCABULARY.isdisjoint(_words(text))


def may_stay(examples: object = None, description: object = None) -> Callable[[str], bool]:
    """Return the test whether a text may stay at one place.

    *examples* are values of the field that its schema gives, in a list; *description* names others in backquotes.
    """
    texts = {text for text in examples if isinstance(text, str)} if isinstance(examples, list) else set()
    texts.update(_CODE.findall(description) if isinstance(description, str) else ())
    words = _VOCABULARY.union(*map(_words, texts))

    def stays(text: str) -> bool:
        if text in texts or not text:
            return True
        if len(text) > _LONGEST:
            return False
        if _JOINED_WORDS.fullmatch(text) and words.issuperset(_words(text)):
            return True
        return _FORMS.fullmatch(text) is not None or text in _time_zones()

    return stays


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


@cache
def _time_zones() -> frozenset[str]:
    """Return the names of the tz database, which reading its folder takes some milliseconds to find."""
    from zoneinfo import available_timezones

    return frozenset(available_timezones())
