"""Files that are no logs at all, told by how they begin, with what to do about them."""

from __future__ import annotations

import re
from typing import Final

_UNPACK: Final = "unpack it first, or compress logs with gzip or zstd"
_JSON_LINES: Final = "write its rows as JSON Lines or CSV, and load those"
_SAVED: Final = "was the log saved from a browser? Download it with the service's export, or with curl and a token"
#: What they are, and what to do.
_FOREIGN: Final = (
    (rb"PK\x03\x04.{0,400}(\[Content_Types\]|xl/|docProps/)", "an Excel workbook", "save the sheet as CSV"),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive", _UNPACK),
    (rb"PAR1\x15", "a Parquet file", _JSON_LINES),
    (
        rb"SQLite format 3\0",
        "an SQLite database",
        "export the table: `sqlite3 -json FILE 'SELECT * FROM TABLE' > log.json`",
    ),
    (rb".{8}DUCK.\0{7}", "a database file", _JSON_LINES),
    (rb"%PDF-", "a PDF document", "export the log as JSON or CSV"),
    (rb"(ARROW1\0\0|\xff\xff\xff\xff.\0)", "an Arrow file", _JSON_LINES),
    (rb"(ORC[\0-\x1f\x80-\xff]|Obj\x01)", "a file of binary records (ORC or Avro)", _JSON_LINES),
    (rb"\xd0\xcf\x11\xe0", "an old Excel or Word document", "save the sheet as CSV"),
    (rb"(BZh[1-9]1AY|\xfd7zXZ\0|7z\xbc\xaf|\x04\x22\x4d\x18|Rar!)", "packed in a way not known here", _UNPACK),
    (rb".{257}ustar", "a tar archive", "unpack it first: `tar xf FILE`"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the log itself", "`git lfs pull` fetches the log"),
    (rb"(?i:(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head)[\s>])", "an HTML page", _SAVED),
    (rb"(?i:(\xef\xbb\xbf)?\s*<\?xml\s)", "an XML document", _JSON_LINES),
)
#: What hardly ever stands in a text; NUL does where a machine crashed.
_CONTROL: Final = bytes({*range(1, 32)} - {*b"\t\n\v\f\r\x1b\x1e"})


def foreign(head: bytes, *, text: bool) -> tuple[str, str] | None:
    """What a file is that begins so, if it is no log, and a hint; `text` where its mark says that it is text."""
    for pattern, what, hint in _FOREIGN:
        if re.match(pattern, head, re.DOTALL):
            return what, hint
    controls = len(head) - len(head.translate(None, _CONTROL))
    return ("no text", _JSON_LINES) if not text and controls > max(6, len(head) // 20) else None
