"""Installing or building logreport makes build/plotlyjs/, and archives carry it: see javascript/fetch.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Plotlyjs(BuildHookInterface[Any]):
    """Puts the bundle of plotly.js into wheels for use, and into source archives for wheels built where npm is not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        script = Path(self.root) / "javascript" / "fetch.py"
        # Without npm it says so and prints no file; the build goes on, and pages carry what the Python package has.
        done = subprocess.run([sys.executable, script], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
        if version == "editable":
            return  # the checkout's own build folder is where it is looked for
        folder = "build/plotlyjs" if self.target_name == "sdist" else "logreport/javascript"
        for file in map(Path, done.stdout.splitlines()):
            build_data["force_include"][str(file)] = f"{folder}/{file.name}"
