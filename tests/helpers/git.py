"""Git commands for tests, with an author and a checkout."""

import subprocess

AUTHOR = ["-c", "user.name=A", "-c", "user.email=a@example.org"]


def git(folder, *arguments):
    command = ["git", "-C", folder, *AUTHOR, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def checkout(folder, remote):
    git(folder, "init", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", remote)


def commit(folder, files="."):
    git(folder, "init")
    git(folder, "add", files)
    git(folder, "commit", "-m", "A book")
    return git(folder, "rev-parse", "HEAD")
