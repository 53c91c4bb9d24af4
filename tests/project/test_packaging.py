"""What the package says of itself: extras, locks, the description, and where it can be installed."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from canvas_events_cli import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
EXTRAS_OF_USERS = ["jwt", "sqs", "listen", "browse", "s3", "gcs", "azure", "cluster", "reference"]
README = (ROOT / "README.md").read_text()

PLATFORMS = {
    "Linux, glibc, x86-64": ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"],
    "Linux, glibc, arm64": ["manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"],
    "Linux, musl, x86-64": ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"],
    "Linux, musl, arm64": ["musllinux_1_2_aarch64", "musllinux_1_1_aarch64"],
    "macOS, x86-64": ["macosx_10_12_x86_64", "macosx_10_13_x86_64", "macosx_10_15_x86_64", "macosx_11_0_universal2"],
    "macOS, arm64": ["macosx_11_0_arm64", "macosx_11_0_universal2"],
    "Windows, x86-64": ["win_amd64"],
    "Windows, arm64": ["win_arm64"],
}
PYTHONS = ["3.11", "3.14"]
"""The oldest and the newest: releases have wheels for those between, or for all at once."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, list[str]]:
    """Return the versions of each package in a file of constraints."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "tests" / name).read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([\w.]+)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def requirements() -> Iterator[tuple[str, str]]:
    """Yield the name of each package that cevents or its tests need, and its lower bound, empty where there is none."""
    lists = [PROJECT["build-system"]["requires"], PROJECT["project"]["dependencies"], *EXTRAS.values()]
    for requirement in (item for items in lists if items is not EXTRAS["benchmark"] for item in items):
        match = re.match(r"([\w.-]+)(?:\[.*?\])?(?:>=([\w.]+))?", requirement)
        assert match
        if match[1] != PROJECT["project"]["name"] and "win32" not in requirement:
            yield normal(match[1]), match[2] or ""


def test_all_that_is_needed_is_locked() -> None:
    """``.ci/lock`` does it."""
    assert {name for name, _ in requirements()} - set(locked("constraints.txt")) == set()


def test_lower_bounds_are_what_is_tried() -> None:
    """``.ci/lock`` does it."""
    tried = locked("lowest.txt")
    assert [
        (name, bound)
        for name, bound in requirements()
        if not any(re.fullmatch(rf"{re.escape(bound)}(\.0)*", version) for version in tried[name]) and bound
    ] == []


def test_upper_bounds_are_few() -> None:
    bounded = [item for item in PROJECT["project"]["dependencies"] if "<" in item.partition(";")[0]]
    assert [re.split("[<>=]", item)[0] for item in bounded] == ["typer"]


def test_the_readme_lists_the_extras() -> None:
    (section,) = re.findall("^## Extras\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    first_cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert re.findall("`(.*?)`", " ".join(first_cells)) == EXTRAS_OF_USERS


def test_an_extra_is_for_users_or_for_work_on_cevents() -> None:
    assert sorted(EXTRAS) == sorted([*EXTRAS_OF_USERS, "benchmark", "test"])


def test_nobody_is_told_to_install_a_name_that_is_not_published() -> None:
    pages = [*(ROOT / ".docs").glob("*.md"), *(ROOT / "canvas_events_cli").rglob("*.py")]
    text = "\n".join([README, *(path.read_text() for path in pages)])
    assert re.findall(r"pip install (?:--?\S+ )*'?canvas-events-cli(?!\S* @ )\S*", text) == []


def test_the_version_is_written_once() -> None:
    assert metadata.version("canvas-events-cli") == __version__
    assert PROJECT["project"]["dynamic"] == ["version", "readme"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    subprocess.run([*pip, "install", "--target", folder / "tools", "hatchling"], check=True)
    build = "from hatchling.build import build_sdist; import sys; build_sdist(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, folder], cwd=ROOT, check=True, env={"PYTHONPATH": str(folder / "tools")}
    )
    return folder


@pytest.mark.slow
def test_the_description_can_be_read_alone(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        text = BytesParser().parsebytes(archive.read(name)).get_payload()
    assert isinstance(text, str)
    links = re.findall(r"\]\((.*?)\)", re.sub("`[^`]*`", "", text))
    headings = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall("^#+ (.*)", text, re.M)
    }
    assert [link for link in links if not link.startswith("https://") and link.removeprefix("#") not in headings] == []
    assert "![" not in text
    assert "## Six jobs" in text


@pytest.mark.slow
def test_the_wheel_brings_the_page_for_man(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/data/share/man/man1/cevents.1"))
        assert archive.read(name) == (ROOT / ".docs" / "cevents.1").read_bytes()


@pytest.mark.slow
def test_the_source_distribution_holds_what_is_committed(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(listed.splitlines()) - held == set()


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    """Return the versions of what pip would install here with cevents and is not Python alone."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    report = json.loads(subprocess.check_output([*command, ROOT]))
    packages = [item for item in report["install"] if item["download_info"]["url"].endswith(".whl")]
    assert len(packages) == len(report["install"]) - 1
    return {
        normal(item["metadata"]["name"]): item["metadata"]["version"]
        for item in packages
        if not item["download_info"]["url"].endswith("-none-any.whl")
    }


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_wheels_of_all_that_is_needed_exist(
    platform: str, python: str, compiled: dict[str, str], tmp_path: Path
) -> None:
    """What is Python alone goes everywhere, and is not asked for again."""
    direct = map(Requirement, PROJECT["project"]["dependencies"])
    absent = {
        normal(item.name) for item in direct if item.marker and not item.marker.evaluate({"python_version": python})
    }
    wanted = [f"{name}=={version}" for name, version in compiled.items() if name not in absent]
    tags = [option for tag in PLATFORMS[platform] for option in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--no-deps"]
    command += ["--only-binary=:all:", "--target", str(tmp_path), "--python-version", python, "--implementation", "cp"]
    done = subprocess.run([*command, *tags, *wanted], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
