"""Where nothing of the browser's Python was tested, a line says so, and where it comes from."""

from __future__ import annotations

import pytest


class Terminal:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_line(self, line: str, **_markup: bool) -> None:
        """Keep a line."""
        self.lines.append(line)


@pytest.mark.parametrize("host", ["cdn.example", ""])
def test_what_was_not_tested_is_said(host, request, monkeypatch):
    plugins = request.config.pluginmanager.get_plugins()
    (ours,) = (one for one in plugins if getattr(one, "__file__", "").endswith("tests/pyodide/conftest.py"))
    monkeypatch.delenv("COURSE_NETWORK", raising=False)
    monkeypatch.setattr(ours, "distribution", lambda: type("Made", (), {"host": host}) if host else None)
    terminal = Terminal()
    ours.pytest_terminal_summary(terminal)
    (line,) = terminal.lines
    assert line.startswith("THE BROWSER'S PYTHON WAS NOT TESTED: ")
    assert "COURSE_PYODIDE=FOLDER" in line
    assert host in line


def test_nothing_is_said_where_it_was_tested(request, monkeypatch):
    plugins = request.config.pluginmanager.get_plugins()
    (ours,) = (one for one in plugins if getattr(one, "__file__", "").endswith("tests/pyodide/conftest.py"))
    monkeypatch.setattr(ours, "why_not", lambda: "")
    terminal = Terminal()
    ours.pytest_terminal_summary(terminal)
    assert not terminal.lines
