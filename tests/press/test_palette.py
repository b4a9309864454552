"""The colours of drawings are told apart by those who see fewer colours, and their words are legible."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from pgcode._palette import PALETTE

CSS = (Path(__file__).parents[2] / "press" / "static" / "course.css").read_text(encoding="utf-8")
DRAWN = ("blue", "orange", "green", "purple", "vermillion")

# What is seen of linear red, green and blue without one kind of cone: Machado, Oliveira and Fernandes (2009), Table 1.
SEEN = {
    "all colours": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def colors(theme):
    """The variables of the style sheet on a light or a dark page."""
    block = re.search(rf'html\[data-theme="{theme}"\][^{{]*\{{(.*?)\n\}}', CSS, re.DOTALL)[1]
    return dict(re.findall(r"--pg-([\w-]+): (#[0-9a-f]{3,6});", block))


def linear(color):
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    values = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb):
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x, y, z = (value / white for value, white in zip(to_xyz @ np.clip(rgb, 0, 1), (0.95047, 1, 1.08883), strict=True))
    x, y, z = (np.cbrt(v) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_shapes_and_words_are_legible(theme):
    found = colors(theme)
    for name, color in found.items():
        if name in DRAWN or name.startswith("code-"):
            ground = found["surface-raised"] if name.startswith("code-") else found["surface"]
            assert contrast(color, ground) >= (3 if name == "orange" else 4.5), name


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", SEEN)
def test_colours_of_drawings_are_told_apart(theme, eyes):
    found = colors(theme)
    seen = {name: lab(np.asarray(SEEN[eyes]) @ linear(found[name])) for name in DRAWN}
    for one, other in itertools.combinations(DRAWN, 2):
        # Two colours that differ by 10 are told apart at a glance; a just noticeable difference is about 2.
        assert np.linalg.norm(seen[one] - seen[other]) >= 10, (one, other)


def test_every_colour_of_the_package_has_its_variable():
    assert set(PALETTE) - {"foreground"} <= set(colors("light")) & set(colors("dark"))


def test_comments_step_back():
    for theme in ("light", "dark"):
        found = colors(theme)
        ground = found["surface-raised"]
        comment = contrast(found["code-comment"], ground)
        for name in ("keyword", "string", "number", "name"):
            assert comment < contrast(found[f"code-{name}"], ground)
