"""Workflows run existing commands on supported Pythons, with minimal permissions."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TOOL = runpy.run_path(str(ROOT / "tools" / "venv.py"))
PYTHONS = [f"3.{n}" for n in range(TOOL["OLDEST_PYTHON"][1], TOOL["NEWEST_PYTHON"][1] + 1)]
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
JOBS = {
    f"{file}-{name}": job for file in WORKFLOWS for name, job in WORKFLOWS[file]["jobs"].items()
}
STEPS = [step for job in JOBS.values() for step in job["steps"]]
COMMANDS = {line for step in STEPS for line in step.get("run", "").splitlines()}
USES = [step for step in STEPS if "uses" in step]


@pytest.mark.parametrize(
    ("schema", "files"),
    {"github-workflows": "workflows/*.yml", "dependabot": "dependabot.yml"}.items(),
)
def test_file_matches_the_schema_of_github(schema, files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *GITHUB.glob(files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", WORKFLOWS)
def test_workflow_has_read_permission_only(file):
    assert WORKFLOWS[file]["permissions"] == {"contents": "read"}


def test_only_the_deployment_has_write_permission():
    writing = [name for name, job in JOBS.items() if "write" in str(job.get("permissions"))]
    assert writing == ["publish-deploy"]
    assert not [step for step in JOBS["publish-deploy"]["steps"] if "run" in step]


def test_checkout_keeps_no_credentials():
    checkouts = [step for step in USES if step["uses"].startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_all_actions_are_from_github_in_one_version_each():
    used = {step["uses"] for step in USES}
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []
    assert len({action.partition("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("job", JOBS)
def test_every_job_has_a_timeout(job):
    assert JOBS[job]["timeout-minutes"] <= 60


def test_workflows_use_exactly_the_supported_pythons():
    texts = [path.read_text(encoding="utf-8") for path in (GITHUB / "workflows").glob("*.yml")]
    assert set(re.findall(r'"(3\.\d+)"', "".join(texts))) == set(PYTHONS)
    assert JOBS["test-test"]["strategy"]["matrix"]["python"] == PYTHONS


@pytest.mark.parametrize("command", sorted(line for line in COMMANDS if line.startswith("make ")))
def test_command_is_a_target_of_make(command):
    targets = command.partition("#")[0].split()[1:]
    assert set(targets) <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("command", sorted(line for line in COMMANDS if "venv.py" in line))
def test_command_for_windows_equals_that_of_make(command):
    """Because Windows has no make."""
    assert f"\t{command.replace('python tools/venv.py', '@$(RUN)')}\n" in MAKEFILE
