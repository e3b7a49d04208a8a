"""Stands in for curl before a package registry: what was uploaded to an address is what is downloaded from there.

The folder that FAKE_REGISTRY names holds a file for each address, whose name is the address with its slashes replaced.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for switch in ("fail", "silent", "show-error", "location"):
        parser.add_argument(f"--{switch}", action="store_true")
    for option in ("header", "output", "upload-file"):
        parser.add_argument(f"--{option}")
    parser.add_argument("url")
    asked = parser.parse_args(words)
    if asked.header != "JOB-TOKEN: the token":
        return 22
    stored = Path(os.environ["FAKE_REGISTRY"]) / asked.url.replace("/", "_")
    if asked.upload_file:
        stored.write_bytes(Path(asked.upload_file).read_bytes())
        return 0
    if not stored.exists():
        sys.stderr.write("curl: (22) The requested URL returned error: 404\n")
        return 22
    Path(asked.output).write_bytes(stored.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
