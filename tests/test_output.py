"""Whole files or none."""

from __future__ import annotations

import os
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
