"""Stand in for modules that a page does not load: progress bars, which the page draws, and IPython's ``display``."""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

#: A bar moves at most so often, in seconds.
PAUSE = 0.1


class Namespace(types.SimpleNamespace):
    """Attributes, and nothing else."""


class Bar:
    """A progress bar with the interface of tqdm's, as much of it as loops use. The page draws it beside the cell."""

    tell: Callable[[str, float | None], None] = staticmethod(lambda text, share: None)
    monitor_interval = 0

    def __init__(
        self,
        iterable: Iterable[Any] | None = None,
        desc: str | None = None,
        total: float | None = None,
        leave: bool = True,
        disable: bool = False,
        initial: float = 0,
        **others: Any,
    ) -> None:
        self.iterable, self.desc, self.disable, self.n = iterable, desc or "", disable, initial
        self.total = len(iterable) if total is None and hasattr(iterable, "__len__") else total  # type: ignore[arg-type]
        self.postfix, self._told = "", 0.0

    def __iter__(self) -> Iterator[Any]:
        for value in self.iterable or ():
            yield value
            self.update()
        self.close()

    def __len__(self) -> int:
        return int(self.total or 0)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def update(self, n: float = 1) -> None:
        """Count."""
        self.n += n
        if time.monotonic() - self._told > PAUSE:
            self.refresh()

    def refresh(self, *others: Any, **more: Any) -> None:
        """Draw."""
        if not self.disable:
            self._told = time.monotonic()
            count = f"{self.n:,} of {self.total:,}" if self.total else f"{self.n:,}"
            text = " ".join(part for part in (f"{self.desc}:" if self.desc else "", count, self.postfix) if part)
            Bar.tell(text, min(self.n / self.total, 1.0) if self.total else None)

    def close(self) -> None:
        """End."""

    def set_description(self, desc: str | None = None, refresh: bool = True) -> None:
        """Say what is counted."""
        self.desc = (desc or "").removesuffix(": ")

    set_description_str = set_description

    def set_postfix(self, values: dict[str, Any] | None = None, refresh: bool = True, **more: Any) -> None:
        """Say more."""
        self.postfix = ", ".join(f"{name}={value}" for name, value in {**(values or {}), **more}.items())

    def set_postfix_str(self, text: str = "", refresh: bool = True) -> None:
        """Say more."""
        self.postfix = text

    def reset(self, total: float | None = None) -> None:
        """Begin anew."""
        self.n, self.total = 0, self.total if total is None else total

    @staticmethod
    def write(text: str, **others: Any) -> None:
        """Print beside a bar."""
        print(text)


class Shown:
    """What has one form of its own."""

    def __init__(self, data: Any = None, **others: Any) -> None:
        self.data = data


class HTML(Shown):
    """A piece of HTML."""

    def _repr_html_(self) -> str:
        return str(self.data)


class SVG(Shown):
    """A drawing."""

    def _repr_svg_(self) -> str:
        return str(self.data)


class Markdown(Shown):
    """A text."""

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self.data))}</p>"


class Math(Shown):
    """A formula."""

    def _repr_html_(self) -> str:
        source = str(self.data).strip().strip("$")
        return f'<div class="math notranslate" data-formula="{escape(source)}" data-display="true"></div>'


def install(display: Callable[[Any], None], progress: Callable[[str, float | None], None]) -> None:
    """Let these be imported under the names of the modules that they stand in for."""
    Bar.tell = staticmethod(progress)

    def show_all(*values: Any, **others: Any) -> None:
        for value in values:
            display(value)

    bars = {"tqdm": Bar, "trange": lambda *numbers, **options: Bar(range(*numbers), **options)}
    shown = {"HTML": HTML, "SVG": SVG, "Markdown": Markdown, "Latex": Math, "Math": Math}
    names: dict[str, dict[str, Any]] = {
        **dict.fromkeys(("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.std"), bars),
        "IPython": {"get_ipython": lambda: None, "version_info": (9, 0, 0)},  # matplotlib asks
        "IPython.display": {**shown, "display": show_all, "clear_output": lambda *waits, **others: None},
    }
    for name, content in names.items():
        module = types.ModuleType(name, "Stands in for the module of this name.")
        module.__dict__.update(content)
        module.__path__ = []
        sys.modules[name] = module
