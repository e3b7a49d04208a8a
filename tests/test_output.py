"""Whole files or none."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from logreport.errors import CannotWrite
from logreport.output import write_text


def test_the_file_holds_the_text_with_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_text(str(tmp_path / "a.html"), "é")
    (tmp_path / "plain").write_text("")

    assert (tmp_path / "a.html").read_bytes() == "é".encode()
    assert (tmp_path / "a.html").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real.html")

    write_text(str(tmp_path / "link.html"), "new")

    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_text() == "new"


@pytest.mark.parametrize("target", [".", "no/such/folder/a.html"])
def test_what_cannot_be_written_says_how_to_mend_it(tmp_path: Path, target: str) -> None:
    with pytest.raises(CannotWrite) as problem:
        write_text(str(tmp_path / target), "text")

    assert problem.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_yet_to_be_made_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="it is a folder"):
        write_text(f"{tmp_path}/new/", "text")


def test_a_file_is_not_a_folder_and_no_command_is_offered_that_would_fail(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("")
    with pytest.raises(CannotWrite) as problem:
        write_text(str(tmp_path / "a.html" / "b.html"), "text")

    assert problem.value.hint == f"{tmp_path / 'a.html'} is not a folder"


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("a" * 250 + ".html")

    write_text(str(target), "text")

    assert target.read_text() == "text"


def _child(code: str, *words: str, stdout: str = os.devnull) -> subprocess.CompletedProcess[str]:
    """A process of its own: what these tests change cannot be changed back."""
    start = (
        "import os, resource, sys\nfrom logreport.errors import CannotWrite\nfrom logreport.output import write_text\n"
    )
    with Path(stdout).open("w") as out:
        words = (sys.executable, "-c", start + textwrap.dedent(code), *words)
        return subprocess.run(words, stdout=out, stderr=subprocess.PIPE, text=True, check=False)


_TOLD = """
try:
    write_text(sys.argv[1], "text" * 100_000)
except CannotWrite as problem:
    print(problem, "|", problem.hint, file=sys.stderr)
"""


def test_a_disk_that_fills_up_on_the_way_leaves_the_old_page_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    target.write_text("old")

    done = _child("resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))" + _TOLD, str(target))

    assert done.stderr.startswith(f"cannot write {target}: File too large")
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    assert target.read_text() == "old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_standard_output_on_a_full_disk_is_a_sentence() -> None:
    done = _child(_TOLD, "-", stdout="/dev/full")

    assert done.stderr.startswith("cannot write to standard output: No space left on device")


def test_a_folder_one_may_not_enter_is_a_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0)

    become_nobody = "os.getuid() or os.setuid(65534)"
    done = _child(become_nobody + _TOLD, str(closed / "inside" / "a.html"))
    closed.chmod(0o700)

    assert ": Permission denied | " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_a_sentence() -> None:
    with pytest.raises(CannotWrite, match="No space left"):
        write_text("/dev/full", "text")


def test_nothing_half_written_is_left_when_the_folder_is_closed(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(CannotWrite):
        write_text(str(tmp_path / "a.html"), "text")
    assert list(tmp_path.iterdir()) == []
