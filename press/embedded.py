"""Data within a page, for its scripts to read."""

from __future__ import annotations

import json
from typing import Any


def embedded(data: Any) -> str:
    r"""Return JSON that may stand in a script element: no text in it can end the element or begin a comment.

    >>> embedded({"a": "</script><!--"})
    '{"a":"\\u003c/script>\\u003c!--"}'
    """
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
