from importlib.metadata import version

import pictures
import pytest

from canvas_events_cli.running.pool import START_METHOD


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_picture_is_current(name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "browse" and int(version("textual").split(".")[0]) < 8:
        pytest.skip("Textual drew scrollbars and borders otherwise until 8")
    monkeypatch.chdir(pictures.REPOSITORY)
    monkeypatch.setenv(START_METHOD, "spawn")
    path = pictures.FOLDER / f"{name}.svg"
    svg = pictures.draw(name)
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(svg)
    assert path.read_text() == svg


def test_pictures_load_nothing_from_the_network() -> None:
    for path in pictures.FOLDER.glob("*.svg"):
        assert "url(http" not in path.read_text()
