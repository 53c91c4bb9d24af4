"""Texts can be read on white and on black, in the palettes of the terminals that most people have."""

import pytest

from canvas_events_cli.rendering.styled import STYLES

PALETTES = {
    "xterm": {"red": "cd0000", "green": "00cd00", "yellow": "cdcd00", "magenta": "cd00cd", "cyan": "00cdcd"},
    "Terminal.app": {"red": "c23621", "green": "25bc24", "yellow": "adad27", "magenta": "d338d3", "cyan": "33bbc8"},
    "Solarized": {"red": "dc322f", "green": "859900", "yellow": "b58900", "magenta": "d33682", "cyan": "2aa198"},
}


def luminance(color):
    """As WCAG 2.1 has it."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color, background):
    dark, light = sorted(map(luminance, (color, background)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("background", ["ffffff", "000000"])
def test_contrast(palette, background):
    used = {word for style in STYLES.values() for word in style.split()} - {"bold", "dim"}
    assert used
    assert {word for word in used if contrast(palette[word], background) < 3} == set()
