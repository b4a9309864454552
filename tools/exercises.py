"""Generate the exercise notebooks from the solution notebooks, run both and store them.

``tools/exercises.py [part ...]`` takes ``book/exercises/solutions/PART.ipynb``, all of them by default, runs and stores
it, and writes ``book/exercises/PART.ipynb`` from it:

- what stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` becomes dots;
- where a program is to be repaired, ``# BEGIN BROKEN`` and ``# END BROKEN`` follow below the solution, with the broken
  body between them as comments: it stands in the place of the solution, without its number signs;
- after each check the answer follows, folded away, with the text of the Markdown cell that has the tag
  ``explanation``, or, where there is none, with what the exercise says to a right answer;
- cells with the tag ``example``, which show the check of a wrong answer, are copied as they are;
- links are made from one folder higher: write them as they are from the solution notebook;
- the first cell, whose heading is ``# Solutions: …``, becomes ``# Exercises: …`` and says which chapters are needed and
  how to answer, on the website and in the notebook.

With ``--check`` nothing is run or written; the exit status is 1 if an exercise notebook is not what its solution
notebook gives.
"""

from __future__ import annotations

import argparse
import ast
import html
import importlib
import re
import sys
from pathlib import Path

import nbformat
import notebooks
from nbformat import NotebookNode

from pgcode import _chapters
from pgcode._places import Chapter

ROOT = Path(__file__).parent.parent
EXERCISES = Path("book/exercises")
SOLUTIONS = EXERCISES / "solutions"

BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
MARKED = re.compile(rf"^([ \t]*){BEGIN}\n(.*?)^[ \t]*{END}$", flags=re.DOTALL | re.MULTILINE)
#: Below a solution: the broken body that is to be repaired, as comments.
BROKEN = re.compile(r"\n^[ \t]*# BEGIN BROKEN\n(.*?)^[ \t]*# END BROKEN$", flags=re.DOTALL | re.MULTILINE)
CHECK = re.compile(r"^exercises\.(\w+)\.check\(", flags=re.MULTILINE)
EXPLANATION = "explanation"
EXAMPLE = "example"
#: A cell that holds a broken program, and no answer yet.
REPAIR = "repair"
#: The check of a broken program is not run: its verdict would name the mistake before anybody has looked for it.
NOT_RUN = ["skip-execution", "nbval-skip"]

NEEDS = "You need {chapters}."
#: Leaves the paragraph behind it out of the website, which says above what is needed (``press/in_jupyter.py``).
NOT_ON_THE_PAGE = "<!-- in Jupyter -->"
ON_THE_PAGE = (
    "On the website you answer on this page: choose, write a number, put lines in order or write a function, and press "
    "**Check**. Python runs your functions, and the page loads it when you first check one. What you answer is kept in "
    "your browser."
)
IN_JUPYTER = (
    "In Jupyter, open `{notebook}` ([Run it](../intro.ipynb#how-to-use-this-book) says how). Put your answer in the "
    "place of the dots, run the cell, and run the check below it. `exercises.NAME.hint()` gives a hint, and the next "
    "one each time you run it."
)
HOW_TO = (
    "A function is called on cases that you have not seen. A wrong answer is told which mistake it is and where the "
    "book explains it, as in {example}."
)
#: What a page without an example links to: the heading of the example of the setting.
EXAMPLE_HERE = "the example below"
EXAMPLE_ELSEWHERE = "[the example of the setting](setting.ipynb#a-wrong-answer-and-its-verdict)"


def parts(root: Path = ROOT) -> list[str]:
    """Return the names of the parts that have a solution notebook."""
    return sorted(path.stem for path in (root / SOLUTIONS).glob("*.ipynb"))


def module_name(part: str) -> str:
    """Return the name of the module in which the exercises of a part are declared."""
    return f"pgcode.exercises.{part.replace('-', '_')}"


def stub(source: str) -> str:
    """Return a cell's source with dots in the place of each solution.

    Inside a function the dots are its body. At the top level every name that the solution assigns is set to dots. A
    broken body below the solution takes its place.

    Raises
    ------
    ValueError
        If a marker has no partner, the cell has a solution that assigns no name, or a broken line is no comment.
    """
    if source.count(BEGIN) != source.count(END) or len(MARKED.findall(source)) != source.count(BEGIN):
        raise ValueError(f"a marker has no partner, write {BEGIN} and {END} on lines of their own:\n{source}")

    def dots(found: re.Match[str]) -> str:
        indent, block = found.groups()
        if indent:
            return f"{indent}..."
        names = [
            target.id
            for statement in ast.parse(block).body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        ]
        if not names:
            raise ValueError(f"a solution at the top level assigns no name, move it into a function:\n{source}")
        return "\n".join(f"{name} = ..." for name in names)

    broken = BROKEN.search(source)
    if broken is None:
        return MARKED.sub(dots, source)
    lines = broken[1].splitlines()
    if any(not re.match(r"\s+# ", line) for line in lines):
        raise ValueError(f"a broken line does not begin with a number sign and a space:\n{source}")
    body = "\n".join(re.sub(r"^(\s+)# ", r"\1", line) for line in lines)
    return BROKEN.sub("", MARKED.sub(lambda _: body, source))


def answer(source: str) -> str:
    """Return a cell's source with its solution and without the markers."""
    return MARKED.sub(lambda found: found.group(2).removesuffix("\n"), BROKEN.sub("", source)).strip() + "\n"


def folded(code: str, explanation: str) -> str:
    """Return a solution that is folded away, in Markdown that JupyterLab and the website both show."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    return (
        "::::{admonition} Solution\n:class: dropdown solution\n\n"
        f"{fence}python\n{code.rstrip()}\n{fence}\n\n{explanation.strip()}\n::::"
    )


def needed_chapters(part: str) -> str:
    """Return links to the chapters of a part, in the order of the book."""
    listed = (value for value in vars(_chapters).values() if isinstance(value, Chapter))
    links = [f"[{chapter.title}](../../{chapter.path.removeprefix('book/')}.ipynb)" for chapter in listed]
    *others, last = (link for link in links if f"/{part}/" in link)
    return f"{', '.join(others)} and {last}" if others else last


def first_cell(source: str, part: str, has_example: bool) -> str:
    """Return the first cell of the exercise notebook."""
    heading = re.match(r"# Solutions: (.+)", source)
    if not heading:
        raise ValueError(f"the first cell of {SOLUTIONS / part}.ipynb must begin with '# Solutions: …'")
    needs = NEEDS.format(chapters=needed_chapters(part))
    in_jupyter = IN_JUPYTER.format(notebook=(EXERCISES / f"{part}.ipynb").as_posix())
    how = HOW_TO.format(example=EXAMPLE_HERE if has_example else EXAMPLE_ELSEWHERE)
    title, only = f"# Exercises: {heading.group(1)}", NOT_ON_THE_PAGE
    return "\n\n".join([title, only, needs, ON_THE_PAGE, only, in_jupyter, how])


def is_example(cell: NotebookNode) -> bool:
    """Tell whether a cell belongs to an example and not to a task."""
    return EXAMPLE in cell.metadata.get("tags", [])


def generate(solutions: NotebookNode, part: str) -> NotebookNode:
    """Return the exercise notebook that a solution notebook gives, not run.

    Parameters
    ----------
    solutions : NotebookNode
    part : str
        The name of both notebooks, such as ``"setting"``.

    Returns
    -------
    NotebookNode
    """
    declared = importlib.import_module(module_name(part))
    cells: list[NotebookNode] = []
    latest, number, given, repairs = "", 0, list(solutions.cells), False
    has_example = any(is_example(cell) for cell in given)
    while number < len(given):
        cell = given[number]
        number += 1
        source = first_cell(cell.source, part, has_example) if number == 1 else cell.source
        if is_example(cell):
            if BEGIN in source or END in source:
                raise ValueError(f"an example is no task, take the markers out of it:\n{source}")
            cells.append(_cell(cell.cell_type, source, cell.id, cell.metadata.tags))
            continue
        tags = list(cell.metadata.get("tags", []))
        checked = CHECK.search(source) if cell.cell_type == "code" else None
        if cell.cell_type == "code" and BEGIN in source:
            repairs = BROKEN.search(source) is not None
            latest, source = answer(source), stub(source)
            tags += [REPAIR] * repairs
        elif checked:
            tags += NOT_RUN * repairs
        cells.append(_cell(cell.cell_type, source, cell.id, tags))
        if checked:
            name = checked.group(1)
            if not latest:
                raise ValueError(f"exercises.{name} is checked, but no cell above it holds a solution between markers")
            explanation = html.escape(getattr(declared, name).shows, quote=False)
            if number < len(given) and EXPLANATION in given[number].metadata.get("tags", []):
                explanation = given[number].source
                if re.search("^#", explanation, flags=re.MULTILINE):
                    raise ValueError(f"the explanation of {name} holds a heading: begin a new cell before it")
                number += 1
            cells.append(_cell("markdown", folded(latest, explanation), f"solution-{name}".replace("_", "-")[:64], []))
            latest = ""
    for cell in cells:
        cell.source = cell.source.replace("](../../", "](../")
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells, metadata=notebooks.NOTEBOOK_METADATA)
    return notebook


def _cell(cell_type: str, source: str, cell_id: str, tags: list[str]) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    if cell_type == "code":
        return nbformat.v4.new_code_cell(source, id=cell_id, metadata=metadata)
    return nbformat.v4.new_markdown_cell(source, id=cell_id, metadata=metadata)


def without_results(notebook: NotebookNode) -> list[tuple[str, str, str, list[str]]]:
    """Return what of a notebook does not come from running it."""
    return [(cell.cell_type, cell.id, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]


def agrees(root: Path, part: str) -> bool:
    """Tell whether the exercise notebook of a part is what its solution notebook gives."""
    path = root / EXERCISES / f"{part}.ipynb"
    if not path.is_file():
        return False
    generated = generate(nbformat.read(root / SOLUTIONS / f"{part}.ipynb", as_version=4), part)
    return without_results(nbformat.read(path, as_version=4)) == without_results(generated)


def write(root: Path, part: str) -> None:
    """Run and store the solution notebook of a part, and the exercise notebook that it gives."""
    solutions, path = root / SOLUTIONS / f"{part}.ipynb", root / EXERCISES / f"{part}.ipynb"
    notebooks.run(solutions)
    path.write_text(nbformat.writes(generate(nbformat.read(solutions, as_version=4), part)), encoding="utf-8")
    notebooks.run(path)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="run and write nothing, only compare")
    parser.add_argument("parts", nargs="*", help="such as setting; all of them if none is named")
    options = parser.parse_args(arguments)
    chosen = options.parts or parts()
    if options.check:
        stale = [part for part in chosen if not agrees(ROOT, part)]
        for part in stale:
            print(f"{EXERCISES / part}.ipynb is not generated: run tools/exercises.py {part}", file=sys.stderr)
        return 1 if stale else 0
    for part in chosen:
        print(f"generating {EXERCISES / part}.ipynb", flush=True)
        write(ROOT, part)
    return 0


if __name__ == "__main__":
    sys.exit(main())
