"""The formats that other tools read: legal whatever the data, and the same finding known again."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import cevents
from rendering.hostile import HOSTILE

from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.validation_ci import (
    Fingerprints,
    GitlabReport,
    github_commands,
    junit_xml,
    place_of,
    sarif_json,
    source_uri,
)
from canvas_events_cli.rendering.validation_text import markdown_document, step_summary
from canvas_events_cli.validation.report import ValidationReport

HERE = Path(__file__).parent
TEXTS = st.text(max_size=30) | st.sampled_from(sorted(HOSTILE.values())).map(lambda text: text[:200])
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["a b.ndjson", "::error::x", "/abs/ü%.json", "x:y\n.json", "\udcff.ndjson"]) | TEXTS.filter(bool),
    st.integers(1, 10**6),
    st.none() | TEXTS,
    st.sampled_from(["malformed", "envelope", "body"]),
    st.sampled_from(["type", "json"]) | TEXTS,
    TEXTS,
    TEXTS,
)


def report_of(findings: list[Finding]) -> ValidationReport:
    report = ValidationReport(invalid=len(findings), findings=findings, findings_total=len(findings) + 5)
    for finding in findings:
        for counts in (report.by_source, report.findings_by_source):
            counts.setdefault(finding.source, Counter())[finding.shown_name] += 1
    report.failures = ["\x00<&>::error::"] * (len(findings) % 2)
    return report


REPORTS = st.lists(FINDINGS, max_size=14).map(report_of)


@given(REPORTS)
def test_junit_is_legal_and_holds_every_finding(report: ValidationReport) -> None:
    suites = ElementTree.fromstring(junit_xml(report))
    lines = [line for failure in suites.iter("failure") for line in (failure.text or "").split("\n")]
    assert len(lines) == len(report.findings)
    assert int(suites.attrib["tests"]) == len(list(suites.iter("testcase")))
    assert int(suites.attrib["failures"]) == len(list(suites.iter("failure")))
    assert len(list(suites.iter("error"))) == len(report.failures)


def test_junit_fails_a_case_whose_findings_were_all_left_out() -> None:
    kept = Finding("a.ndjson", 1, "first", "body", "type", "/body/x", "expected a string, got null")
    report = ValidationReport(invalid=4, findings=[kept], findings_total=4)
    report.by_source["a.ndjson"] = Counter(first=3, second=1, third=1)
    report.findings_by_source["a.ndjson"] = Counter(first=3, second=1)
    suites = ElementTree.fromstring(junit_xml(report))
    (suite,) = suites
    assert (suites.attrib["failures"], suite.attrib["failures"]) == ("2", "2")
    told = {case.attrib["name"]: case.findtext("failure") for case in suite}
    assert told["first"] is not None
    assert told["first"].endswith("[type]\n2 more findings are left out")
    assert (told["second"], told["third"]) == ("1 more finding is left out", None)


@given(REPORTS)
def test_sarif_names_files_by_uris(report: ValidationReport) -> None:
    (run,) = json.loads(sarif_json(report))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for finding, result in zip(report.findings, run["results"], strict=True):
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%:?&=-]*", uri)
        assert rules[result["ruleIndex"]] == result["ruleId"] == visible(finding.keyword)
    assert "5 more findings are left out" in str(run["invocations"])


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("a b.ndjson", "a%20b.ndjson"),
        ("./a.ndjson", "a.ndjson"),
        ("C:x.ndjson", "C%3Ax.ndjson"),
        ("/tmp/ü.json", "file:///tmp/%C3%BC.json"),
        ("\udcff.json", "%FF.json"),
        ("https://host.example/a%20b.json", "https://host.example/a%20b.json"),
        ("s3://bucket/a b.json", "s3://bucket/a%20b.json"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_source_uris(source: str, uri: str) -> None:
    assert source_uri(source) == uri
    if "://" not in source and not source.startswith("./"):
        assert unquote(urlsplit(uri).path, errors="surrogateescape") == source


@given(st.lists(FINDINGS, max_size=12), st.integers(1, 999))
def test_fingerprints_outlive_lines(findings: list[Finding], lines: int) -> None:
    marks = fingerprints(findings)
    assert len(set(marks)) == len(marks)
    moved = [replace(finding, line=finding.line + lines) for finding in findings]
    assert fingerprints(moved) == marks


def decoded(text: str) -> str:
    for code, char in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


@given(REPORTS)
def test_github_reads_back_what_was_written(report: ValidationReport) -> None:
    *commands, figures = github_commands(report).decode("utf-8", "surrogatepass").splitlines()
    assert len(commands) == min(len(report.failures) + len(report.findings), 10)
    for failure in report.failures:
        assert commands.pop(0) == f"::error::{visible(failure)}"
    assert re.match(r"\d+ events?: ", figures)
    for finding, command in zip(report.findings, commands, strict=False):
        match = re.fullmatch(r"::error file=([^,:]*),line=(\d+),title=([^,:]*)::(.*)", command)
        assert match
        assert decoded(match[4]) == visible(f"{finding.message} [{finding.keyword}]")
        assert decoded(match[1]) == visible(finding.source.removeprefix("./"))
        assert int(match[2]) == finding.line


def gitlab(report: ValidationReport) -> bytes:
    writer = GitlabReport()
    return b"".join([*map(writer.issue, report.findings), writer.end()])


def fingerprints(findings: list[Finding]) -> list[str]:
    return [*map(Fingerprints().of, findings)]


@given(REPORTS)
def test_gitlab_gets_an_issue_a_finding(report: ValidationReport) -> None:
    issues = json.loads(gitlab(report))
    assert len({issue["fingerprint"] for issue in issues}) == len(report.findings)
    assert all(issue["location"]["lines"]["begin"] > 0 for issue in issues)


@given(REPORTS)
def test_markdown_has_a_row_a_finding(report: ValidationReport) -> None:
    lines = markdown_document(report).decode().split("\n")
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == (len(report.findings) + 2 if report.findings else 0)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(HERE.parents[1])
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        code, stdout, stderr = cevents("validate", *arguments, as_user=True)
    return code, stdout.decode(), stderr.decode()


def test_github_actions_gets_text_and_annotations(tmp_path: Path) -> None:
    (tmp_path / "summary.md").write_text("before\n")
    plain_code, plain, _ = run("samples/mistakes.ndjson")
    summary = str(tmp_path / "summary.md")
    code, stdout, _ = run("samples/mistakes.ndjson", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=summary)
    assert code == plain_code == 1
    assert stdout.startswith(plain)
    annotations = stdout.removeprefix(plain).splitlines()
    assert [line[:8] for line in annotations[:10]] == ["::error "] * 10
    assert annotations[10:] == ["46 events: 14 valid, 21 invalid, 11 malformed; 23 more findings are not annotated"]
    assert (tmp_path / "summary.md").read_text().startswith("before\n## Invalid Canvas events\n")
    assert run("-o", "text", "samples/mistakes.ndjson", GITHUB_ACTIONS="true")[1] == plain


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.ndjson"
    path.write_text("{}\n" * 150)
    return path


def test_each_output_keeps_to_its_own_limit(many: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    files = {name: tmp_path / name for name in ("json", "markdown", "github", "gitlab", "sarif")}
    options = [part for name, path in files.items() for part in ("-o", f"{name}={path}")]
    run(*options, str(many), GITHUB_STEP_SUMMARY=str(summary))
    assert len(json.loads(files["json"].read_text())["findings"]) == 100
    assert files["markdown"].read_text().count("\n| ") == summary.read_text().count("\n| ") == 102
    assert files["github"].read_text().count("::error ") == 10
    assert len(json.loads(files["gitlab"].read_text())) == 300
    assert len(json.loads(files["sarif"].read_text())["runs"][0]["results"]) == 300


def test_outputs_may_share_what_is_no_file(many: Path) -> None:
    assert run("-q", "-o", f"json={os.devnull}", "-o", f"sarif={os.devnull}", str(many))[0] == 1


def test_a_step_summary_is_never_too_long_for_github() -> None:
    finding = Finding("a.ndjson", 1, "x" * 20_000, "body", "type", "/y", "expected a string, got null")
    text = step_summary(ValidationReport(invalid=100, findings=[finding] * 100, findings_total=100))
    assert len(text) < 1024 * 1024
    assert b"100 more findings are left out" in text


def test_hosts_get_paths_from_the_working_directory(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(many.parent)
    inside, outside = (Finding(name, 1, "x", "body", "type", "", "m") for name in (str(many), "/elsewhere/b.ndjson"))
    report = report_of([inside, outside])
    assert [issue["location"]["path"] for issue in json.loads(gitlab(report))] == [
        "many.ndjson",
        "/elsewhere/b.ndjson",
    ]
    assert b"::error file=many.ndjson,line=1," in github_commands(report)
    assert source_uri(str(many)) == "many.ndjson"
    relative = replace(inside, source="many.ndjson")
    assert fingerprints([inside]) == fingerprints([relative])


def test_hosts_get_paths_from_the_root_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = tmp_path / "repository" / "sub" / "captures"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").touch()
    monkeypatch.chdir(inner)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    outside = str(tmp_path / "b.ndjson")
    sources = ["a.ndjson", str(inner / "a.ndjson"), "../a.ndjson", outside, "<stdin>"]
    told = ["sub/captures/a.ndjson", "sub/captures/a.ndjson", "sub/a.ndjson", outside, "<stdin>"]
    assert [*map(place_of, sources)] == told
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path / "repository" / "sub"))
    assert place_of("a.ndjson") == "captures/a.ndjson"
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert [place_of("a.ndjson"), place_of(outside)] == ["repository/sub/captures/a.ndjson", "b.ndjson"]
    monkeypatch.setenv("GITHUB_WORKSPACE", "/elsewhere")
    assert place_of("../a.ndjson") == "../a.ndjson"


@pytest.mark.parametrize("name", ["text", "jsonl", "json", "junit", "sarif", "github", "gitlab", "markdown"])
def test_the_exit_code_does_not_depend_on_the_format(name: str, tmp_path: Path) -> None:
    assert run("-o", name, "samples/mistakes.ndjson")[0] == 1
    assert run("-q", "-o", f"{name}={tmp_path / 'out'}", "samples/retries.ndjson") == (0, "", "")
    assert run("-o", name, "samples/absent.ndjson")[0] == 2


@pytest.mark.parametrize("name", ["text", "jsonl", "json", "junit", "sarif", "github", "gitlab", "markdown"])
def test_values_of_events_stand_in_no_format_unless_asked_for(name: str, tmp_path: Path) -> None:
    event = json.loads((HERE.parent / "example.json").read_text())
    event["metadata"]["user_id"] = "Grace Personal"
    (tmp_path / "a.ndjson").write_text(json.dumps(event))
    summary = tmp_path / "summary.md"
    told = {}
    for options in ((), ("--show-values",)):
        code, stdout, stderr = run("-o", name, *options, str(tmp_path / "a.ndjson"), GITHUB_STEP_SUMMARY=str(summary))
        assert code == 1
        written = summary.read_text() if summary.exists() else ""
        told[options] = ["Personal" in text for text in (stdout + stderr, written)]
    assert told == {(): [False, False], ("--show-values",): [True, name == "github"]}


def test_a_full_disk_is_an_error() -> None:
    told = "cevents: -o sarif=/dev/full: cannot write: No space left on device\n"
    assert run("-q", "-o", "sarif=/dev/full", "samples/mistakes.ndjson") == (2, "", told)


@pytest.mark.slow
def test_sarif_keeps_to_its_schema(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("needs npm")
    npm = ["npm", "install", "--no-audit", "--no-fund", "--cache", str(tmp_path / "cache"), "@microsoft/jest-sarif"]
    subprocess.run(npm, cwd=tmp_path, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)})
    schema = official_schema(tmp_path / "node_modules" / "@microsoft" / "jest-sarif")
    import jsonschema

    # The schema has a pattern that ECMA 262 does not allow; this package reads it as Python does.
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    reports = [report_of([])]
    findings = [Finding(text[:200], 1, text, "body", text[:50], text, text) for text in HOSTILE.values()]
    reports.append(report_of(findings))
    for report in reports:
        log = json.loads(sarif_json(report))
        assert [error.message for error in validator.iter_errors(log)] == []


def official_schema(package: Path) -> Any:
    for path in sorted(package.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(document, dict) and "2.1.0" in str(document.get("title", "")) and "definitions" in document:
            return document
    pytest.fail("the package has no SARIF schema")
