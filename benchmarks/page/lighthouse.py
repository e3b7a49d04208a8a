"""Have Lighthouse judge how accessible a page is, in the Chromium of this machine: `lighthouse.py report.html`.

Ends with 1 and names what failed unless the score is 100. Lighthouse is fetched by npm, at the version below; it
refuses file:// addresses, so the page is served to this machine alone while it looks.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LIGHTHOUSE = "lighthouse@13.5.0"


def main() -> None:
    page = Path(sys.argv[1]).resolve()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None or shutil.which("npx") is None:
        sys.exit("lighthouse.py needs Chromium and npm: apt-get install chromium npm")
    with served(page) as address:
        found = judged(address, os.environ.get("CHROME_PATH") or browser)
    score = found["categories"]["accessibility"]["score"]
    print(f"accessibility of {page.name}: {'unknown' if score is None else round(score * 100)} of 100")
    for line in complaints(found):
        print(line)
    sys.exit(score != 1)


@contextmanager
def served(page: Path) -> Iterator[str]:
    """The address of the page, on a free port of this machine that no other machine reaches."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(page, Path(folder) / "page.html")  # alone: nothing else of its folder is served
        handler = functools.partial(Silent, directory=folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/page.html"
            finally:
                server.shutdown()


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def judged(address: str, browser: str) -> dict[str, Any]:
    """What Lighthouse found, as its JSON says it."""
    flags = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    words = [address, "--only-categories=accessibility", "--output=json", "--quiet", f"--chrome-flags={flags}"]
    command = ["npx", "--yes", "--loglevel=error", LIGHTHOUSE, *words, "--no-enable-error-reporting"]
    done = subprocess.run(
        command, env={**os.environ, "CHROME_PATH": browser}, stdout=subprocess.PIPE, check=False, timeout=600
    )
    if done.returncode or not done.stdout:
        sys.exit(f"lighthouse.py: Lighthouse ended with {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def complaints(found: dict[str, Any]) -> Iterator[str]:
    """Each audit that failed, and the places of the page that it is about."""
    for audit in found["audits"].values():
        if audit["score"] is not None and audit["score"] < 1:
            yield f"- {audit['id']}: {audit['title']}"
            for item in audit.get("details", {}).get("items", []):
                yield f"    {item.get('node', {}).get('snippet', item)}"


if __name__ == "__main__":
    main()
