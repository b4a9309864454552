"""The workflows run what is pinned, with no right that they do not need."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.yml"))}
# What each job may do beyond reading the repository.
RIGHTS = {
    ("publish", "publish"): {"pages": "write", "id-token": "write"},
    ("weekly", "report"): {"issues": "write"},
}
SUPPORTED_PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def parsed(name: str) -> dict:
    workflow = yaml.safe_load(WORKFLOWS[name])
    workflow["on"] = workflow.pop(True)  # to YAML 1.1, `on` is a truth value
    return workflow


@pytest.fixture(params=WORKFLOWS)
def name(request) -> str:
    return request.param


def jobs_that_run(workflow: dict) -> list[dict]:
    return [job for job in workflow["jobs"].values() if "uses" not in job]


def test_there_are_the_three_workflows():
    assert set(WORKFLOWS) == {"test", "publish", "weekly"}


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


def test_jobs_have_the_rights_that_they_need_and_no_other(name):
    workflow = parsed(name)
    assert workflow["permissions"] == {"contents": "read"}
    given = {(name, job): text["permissions"] for job, text in workflow["jobs"].items() if "permissions" in text}
    assert given == {place: rights for place, rights in RIGHTS.items() if place[0] == name}


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


def test_only_the_tested_main_branch_is_published():
    workflow = parsed("publish")
    assert workflow["on"]["push"] == {"branches": ["main"]}
    job = workflow["jobs"]["publish"]
    assert job["needs"] == "test"
    assert job["if"] == "github.ref == 'refs/heads/main'"
    assert workflow["jobs"]["test"] == {
        "name": "test",
        "uses": "./.github/workflows/test.yml",
        "with": {"publish": True},
    }
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_what_is_published_is_what_was_tested():
    steps = parsed("test")["jobs"]["site"]["steps"]
    runs = [step.get("run") or step["uses"].split("@")[0] for step in steps]
    assert runs[-3:] == ["make book", "make test-site", "actions/upload-pages-artifact"]
    assert steps[-1]["with"] == {"path": "_build/html"}
    assert steps[-1]["if"].startswith("inputs.publish && ")


def test_every_supported_python_is_tested():
    jobs = parsed("test")["jobs"]
    assert jobs["package"]["strategy"]["matrix"]["python"] == SUPPORTED_PYTHONS
    edges = {SUPPORTED_PYTHONS[0], SUPPORTED_PYTHONS[-1]}
    assert {case["python"] for case in jobs["dependencies"]["strategy"]["matrix"]["include"]} == edges
    assert set(jobs["site"]["strategy"]["matrix"]["python"]) == edges


def test_make_targets_of_the_workflows_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for job in jobs_that_run(parsed(name)):
        for step in job["steps"]:
            assert set(re.findall(r"^make ([a-z-]+)", step.get("run", ""))) <= targets


def test_a_failing_week_opens_an_issue():
    workflow = parsed("weekly")
    assert list(workflow["on"]) == ["schedule", "workflow_dispatch"]
    report = workflow["jobs"]["report"]
    assert set(report["needs"]) == set(workflow["jobs"]) - {"report"}
    assert report["if"].startswith("failure()")
    assert "gh issue create" in report["steps"][0]["run"]
