"""GitHub runs our own commands, on the Pythons that we name, with the least rights."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
OLDEST, NEWEST = map(
    int,
    re.search(
        r"^OLDEST_PYTHON, NEWEST_PYTHON = \(3, (\d+)\), \(3, (\d+)\)",
        (ROOT / "tools" / "venv.py").read_text(encoding="utf-8"),
        re.MULTILINE,
    ).groups(),
)
PYTHONS = [f"3.{minor}" for minor in range(OLDEST, NEWEST + 1)]
FILES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
JOBS = {(file, job): FILES[file]["jobs"][job] for file in FILES for job in FILES[file]["jobs"]}
STEPS = [step for job in JOBS.values() for step in job["steps"]]
NOTICE = 'echo "::warning::'
COMMANDS = {
    line
    for step in STEPS
    for line in step.get("run", "").splitlines()
    if not line.startswith(NOTICE)
}
USES = [step for step in STEPS if "uses" in step]


@pytest.mark.parametrize(
    ("schema", "files"),
    {"github-workflows": "workflows/*.yml", "dependabot": "dependabot.yml"}.items(),
)
def test_file_has_the_form_that_github_asks_for(schema, files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *GITHUB.glob(files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rights_are_the_least():
    assert set(FILES) == {"publish", "test", "weekly"}
    assert all(content["permissions"] == {"contents": "read"} for content in FILES.values())
    assert {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job} == {
        ("publish", "build"): {"contents": "read", "pages": "read"},
        ("publish", "deploy"): {"pages": "write", "id-token": "write"},
    }


def test_checkout_keeps_no_credentials():
    checkouts = [step["with"] for step in USES if step["uses"].startswith("actions/checkout@")]
    assert len(checkouts) == len(JOBS) - 1  # all but the job that deploys
    assert all(options["persist-credentials"] is False for options in checkouts)


def test_actions_are_githubs_own_each_in_one_version():
    used = {step["uses"] for step in USES}
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == []
    assert len({action.partition("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("job", JOBS.values(), ids=map("-".join, JOBS))
def test_job_ends(job):
    assert job["timeout-minutes"] <= 60


def test_all_pythons_are_tested_on_linux_and_the_outermost_elsewhere():
    matrix = JOBS["test", "test"]["strategy"]["matrix"]
    tested = [(system, python) for system in matrix["system"] for python in matrix["python"]]
    tested += [(other["system"], other["python"]) for other in matrix["include"]]
    assert tested == [("ubuntu-latest", python) for python in PYTHONS] + [
        (f"{system}-latest", python)
        for system in ("macos", "windows")
        for python in (PYTHONS[0], PYTHONS[-1])
    ]


def test_fresh_install_is_of_the_oldest_and_the_newest_python():
    matrix = JOBS["weekly", "fresh"]["strategy"]["matrix"]
    assert matrix["python"] == [PYTHONS[0], PYTHONS[-1]]
    assert "cache" not in str(JOBS["weekly", "fresh"])


def test_every_named_python_is_one_of_ours():
    named = {step["with"]["python-version"] for step in USES if "setup-python" in step["uses"]}
    assert named - {"${{ matrix.python }}", *PYTHONS} == set()


@pytest.mark.parametrize("command", [c for c in sorted(COMMANDS) if "apt-get" not in c])
def test_command_is_one_of_the_makefile(command):
    program, *targets = command.split()
    if program == "make":
        assert set(targets) <= TARGETS
    else:  # on Windows, which has no make
        in_venv = command.replace("python tools/venv.py", "@$(RUN)")
        assert f"\t{in_venv}\n" in MAKEFILE


def test_windows_gets_the_commands_of_the_others():
    steps = [step for step in JOBS["test", "test"]["steps"] if "run" in step]
    windows = [step["run"] for step in steps if step["if"] == "runner.os == 'Windows'"]
    others = [step["run"] for step in steps if step["if"] == "runner.os != 'Windows'"]
    assert others == ["make html", "make test"]
    assert windows == [
        "python tools/venv.py jupyter-book build .",
        "python tools/venv.py pytest --cov --numprocesses auto --dist loadfile",
    ]


def test_what_is_published_is_what_make_html_builds():
    steps = JOBS["publish", "build"]["steps"]
    [upload] = [step for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    build, notice = [step["run"] for step in steps if "run" in step]
    assert build == "make html"
    assert notice.startswith(NOTICE)
    assert upload["with"]["path"] == "_build/html"


def test_published_book_knows_its_address_and_its_history():
    steps = JOBS["publish", "build"]["steps"]
    configure, checkout = steps[:2]
    [build] = [step for step in steps if step.get("run") == "make html"]
    assert configure["id"] == "pages"
    assert build["env"] == {
        "BOOK_ADDRESS": "${{ steps.pages.outputs.base_url }}",
        "BOOK_ISSUES": "${{ github.event.repository.has_issues }}",
    }
    assert configure["uses"].startswith("actions/configure-pages@")
    assert checkout["with"]["fetch-depth"] == 0
