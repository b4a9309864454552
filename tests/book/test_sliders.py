"""Every slider of a chapter is a widget for those who have a kernel: it stops between the frames too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from pgcode.figures import FrameSlider
from pgcode.figures._live_slider import between, shown

from .conftest import BOOK, RunChapter


def has_slider(path: Path) -> bool:
    return any("frame_slider(" in cell.source for cell in nbformat.read(path, as_version=4).cells)


def beside_its_own(path: Path) -> Any:
    """A page as a parameter of a test that goes with the file of its own tests, so that its cells run once for both."""
    own = Path(__file__).with_name(f"test_{path.stem.replace('-', '_')}.py")
    group = own.relative_to(BOOK.parent).as_posix()
    page = path.relative_to(BOOK).with_suffix("").as_posix()
    return pytest.param(page, marks=[pytest.mark.xdist_group(group)] if own.exists() else [], id=page)


PAGES = [beside_its_own(path) for path in sorted(BOOK.rglob("*.ipynb")) if has_slider(path)]


@pytest.mark.parametrize("page", PAGES)
def test_a_slider_can_stop_between_its_frames(page: str, chapter: Callable[[str], RunChapter]) -> None:
    sliders = [one for one in chapter(page).shown if isinstance(one, FrameSlider)]
    assert sliders
    for slider in sliders:
        live = slider.live
        assert live
        values = between(live.values, live.label)
        assert len(values) >= 2 * len(live.values) - 1, f"{slider}: what is written tells no values between apart"
        new = [value for value in values if value not in live.values]
        for value in (new[0], new[len(new) // 2], new[-1]):
            assert live.label(value) not in slider.labels
            assert "<svg" in shown(live.frame(value)) or "<table" in shown(live.frame(value))
            if live.outcome:
                assert live.outcome(value).claim == slider.outcomes[0].claim
