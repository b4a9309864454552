"""What pages of the website ask of Python in the reader's browser: functions from JSON to JSON and displays.

``press/static/live-worker.mjs`` imports a module of this package when a reader asks for something, and calls a
function of it by name with one value. What a reader may have put in wrongly is answered by ``{"problem": sentence}``;
an exception is a mistake of ours. A display in an answer is written by the page as it is when a cell shows it.
"""
