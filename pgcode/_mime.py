"""What shows itself: as data for the website, as HTML that needs no style sheet, and as text for a terminal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

__all__ = ["Display"]


class Display(ABC):
    """What a notebook shows when it ends a cell.

    Its data say everything once, in fields; the HTML is complete in itself, for JupyterLab and Colab.
    """

    #: What it is, in the name of its media type.
    _kind: ClassVar[str]

    @property
    @abstractmethod
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made: texts, numbers and lists."""

    @abstractmethod
    def _repr_html_(self) -> str: ...

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        forms = {f"application/vnd.pgcode.{self._kind}+json": self.data, "text/html": self._repr_html_()}
        in_markdown = getattr(self, "_repr_markdown_", None)  # where that makes sense
        if in_markdown is not None:
            forms["text/markdown"] = in_markdown()
        return {**forms, "text/plain": repr(self)}
