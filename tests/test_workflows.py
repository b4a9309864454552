"""The workflows run what is pinned, with no right that they do not need, and tell when a week fails."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
#: As press/settings.py calls it.
COLAB_BRANCH = "notebooks"
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))}


def parsed(name: str) -> dict:
    workflow = yaml.safe_load(WORKFLOWS[name])
    workflow["on"] = workflow.pop(True)  # to YAML 1.1, `on` is a truth value
    return workflow


@pytest.fixture(params=WORKFLOWS)
def name(request) -> str:
    return request.param


def jobs_that_run(workflow: dict) -> list[dict]:
    return [job for job in workflow["jobs"].values() if "uses" not in job]


def what_runs(job: dict) -> list[str]:
    return [step.get("run") or step["uses"].split("@")[0] for step in job["steps"]]


# ---- rights --------------------------------------------------------------------------------------------------------


def test_every_action_is_pinned_and_its_version_named(name):
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", WORKFLOWS[name], flags=re.MULTILINE)
    assert used
    for action in used:
        own = action.startswith("./.github/workflows/") and (ROOT / action).is_file()
        assert own or re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_version():
    pins: dict[str, set[str]] = {}
    for text in WORKFLOWS.values():
        for action, pin in re.findall(r"uses: ([\w.-]+/[\w.-]+)@(.*)$", text, flags=re.MULTILINE):
            pins.setdefault(action, set()).add(pin)
    assert {action: len(versions) for action, versions in pins.items()} == dict.fromkeys(pins, 1)


def test_a_job_that_may_write_runs_nothing_of_the_repository(name):
    workflow = parsed(name)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        if "permissions" in job:
            assert "write" in job["permissions"].values()
            assert not [step for step in what_runs(job) if re.search(r"actions/checkout|make |python", step)]


def test_a_checkout_keeps_no_credentials(name):
    for job in jobs_that_run(parsed(name)):
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_no_script_holds_an_expression(name):
    """What an expression gives would be run as shell: it goes through the environment."""
    for job in jobs_that_run(parsed(name)):
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")


def test_every_job_ends(name):
    for job in jobs_that_run(parsed(name)):
        assert job["timeout-minutes"] <= 40


def test_no_workflow_runs_with_rights_on_what_others_send(name):
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(parsed(name)["on"])


# ---- what they run -------------------------------------------------------------------------------------------------


def test_a_website_is_published_only_after_its_tests():
    site, publish = parsed("test")["jobs"]["site"], parsed("publish")["jobs"]
    assert parsed("publish")["on"]["push"] == {"branches": ["main"]}
    runs = what_runs(site)
    assert runs.index("make test-site") < runs.index("actions/upload-pages-artifact")
    assert not [job for job in publish.values() if "upload" in str(job)]
    assert publish[publish["publish"]["needs"]]["uses"] == "./.github/workflows/test.yml"
    assert publish["publish"]["if"] == "github.ref == 'refs/heads/main'"


def test_the_branch_for_colab_holds_what_was_tested(tmp_path):
    """The script is run here, with a folder in the place of the repository on GitHub."""
    job = parsed("publish")["jobs"]["notebooks"]
    assert job["needs"] == "publish"  # which runs on main alone, after the tests
    upload = [step for step in parsed("test")["jobs"]["site"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert [step["with"]["name"] for step in upload] == [job["steps"][0]["with"]["name"]] == [COLAB_BRANCH]

    target = tmp_path / "me" / "course.git"
    subprocess.run(["git", "init", "--quiet", "--bare", target], check=True)
    script = job["steps"][1]
    stub = {"GITHUB_SERVER_URL": f"file://{tmp_path}", "GITHUB_REPOSITORY": "me/course", "GITHUB_SHA": "1a2b"}
    for number in (1, 2):  # a second run replaces what the first has pushed
        folder = tmp_path / str(number) / "notebooks" / "book"
        folder.mkdir(parents=True)
        (folder / f"{number}.ipynb").write_text("{}", encoding="utf-8")
        environment = os.environ | script["env"] | stub | {"GH_TOKEN": "secret"}
        subprocess.run(["bash", "-e", "-c", script["run"]], cwd=folder.parents[1], env=environment, check=True)
    git = ["git", "-C", target, "log", "--format=%s", "--name-only", COLAB_BRANCH]
    pushed = subprocess.run(git, capture_output=True, encoding="utf-8", check=True).stdout
    assert pushed.split("\n\n") == ["The chapters for Colab, made of 1a2b", "book/2.ipynb\n"]


def test_every_supported_python_is_tested():
    jobs = parsed("test")["jobs"]
    matrix = jobs["package"]["strategy"]["matrix"]["python"]
    minor = [int(version.removeprefix("3.")) for version in matrix]
    assert minor == list(range(minor[0], minor[-1] + 1))
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert requires == f">={matrix[0]}"
    edges = {matrix[0], matrix[-1]}
    assert {case["python"] for case in jobs["dependencies"]["strategy"]["matrix"]["include"]} == edges
    assert set(jobs["site"]["strategy"]["matrix"]["python"]) == edges


def test_make_targets_of_the_workflows_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for job in jobs_that_run(parsed(name)):
        for step in job["steps"]:
            assert set(re.findall(r"^make ([a-z-]+)", step.get("run", ""))) <= targets


# ---- the report of a week ------------------------------------------------------------------------------------------

GH = """#!/bin/sh
echo "$@" >> "$CALLS"
if [ "$1 $2" = "issue list" ]; then echo "$OPEN"; exit "$STATUS"; fi
"""


@pytest.fixture
def report(tmp_path):
    """Run the script of the report where some issues are open, and return its status and the calls of gh."""
    step = parsed("weekly")["jobs"]["report"]["steps"][0]
    gh = tmp_path / "gh"
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)

    def run(open_issues: int, status: int = 0) -> tuple[int, list[str]]:
        calls = tmp_path / "calls"
        calls.write_text("", encoding="utf-8")
        stub = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "OPEN": str(open_issues)}
        environment = os.environ | step["env"] | stub | {"STATUS": str(status)}
        script = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, check=False)
        return script.returncode, calls.read_text(encoding="utf-8").splitlines()

    return run


def test_a_failing_week_opens_an_issue_that_tells_where_to_look(report):
    status, calls = report(0)
    assert status == 0
    assert [call.split(" --")[0] for call in calls] == ["issue list", "issue create"]
    env = parsed("weekly")["jobs"]["report"]["steps"][0]["env"]
    assert f"--title {env['TITLE']} --body {env['BODY']}" in calls[1]
    assert "github.run_id" in env["BODY"]


def test_while_the_issue_is_open_there_is_no_second(report):
    status, calls = report(1)
    assert status == 0
    assert [call.split(" --")[0] for call in calls] == ["issue list"]


def test_where_the_issues_cannot_be_listed_none_is_opened(report):
    status, calls = report(0, status=1)
    assert status != 0
    assert len(calls) == 1


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped"])
def test_what_fails_or_takes_too_long_on_schedule_is_reported(event, result):
    jobs = parsed("weekly")["jobs"]
    assert set(jobs["report"]["needs"]) == set(jobs) - {"report"}
    condition = jobs["report"]["if"].replace("needs.*.result", "results").replace("github.event_name", "event")
    condition = condition.replace("&&", "and").replace("||", "or")
    names = {"always": lambda: True, "contains": lambda some, one: one in some, "event": event}
    reported = eval(condition, names | {"results": ["success", result]})
    assert reported == (event == "schedule" and result in {"failure", "cancelled"})
    assert "always()" in condition  # else a job is skipped where one that it needs did not succeed
