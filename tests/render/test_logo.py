"""A picture beside the title."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from logreport.errors import BadInput
from logreport.render import read_logo, render_page
from logreport.report import Report

PNG = b"\x89PNG\r\n\x1a\nrest"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89arest", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPrest", "image/webp"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    ],
)
def test_a_picture_is_known_by_its_first_bytes_and_stands_on_the_page(
    report: Report, tmp_path: Path, data: bytes, kind: str
) -> None:
    (tmp_path / "logo").write_bytes(data)

    page = render_page(report, logo=read_logo(str(tmp_path / "logo")))

    assert f'<img class="logo" src="data:{kind};base64,{base64.b64encode(data).decode()}" alt="">' in page


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_text("hello")
    with pytest.raises(BadInput, match="is not a picture"):
        read_logo(str(tmp_path / "logo.png"))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read the logo .*No such file"):
        read_logo(str(tmp_path / "none.png"))


def test_a_page_is_not_for_large_pictures(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(PNG + bytes(100_000))
    with pytest.raises(BadInput, match="has more than the 100,000 bytes"):
        read_logo(str(tmp_path / "large.png"))
