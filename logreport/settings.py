"""What a project says once for all its reports: `[tool.logreport]` in `logreport.toml` or `pyproject.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from logreport.errors import BadInput

#: The files that may have settings, and what can be set.
FILES: Final = ("logreport.toml", "pyproject.toml")
KNOWN: Final = ("map", "metrics", "without", "prices", "check")


@dataclass(frozen=True)
class Setting:
    """A value, and the file that it is from."""

    value: Any
    file: Path

    def names(self, key: str) -> list[str]:
        """The value as a list of names.

        Raises:
            BadInput: it is none.
        """
        if not isinstance(self.value, list) or not all(isinstance(name, str) for name in self.value):
            raise BadInput(f"{self.file}: {key} is not a list of names", f'write {key} = ["NAME", "NAME"]')
        return list(self.value)

    def path(self, key: str) -> str:
        """The value as the path of a file, seen from the folder of the settings.

        Raises:
            BadInput: it is none.
        """
        if not isinstance(self.value, str) or not self.value:
            raise BadInput(f"{self.file}: {key} is not the name of a file", f'write {key} = "FILE"')
        return str(self.file.parent / self.value)


def setting(folder: Path, key: str) -> Setting | None:
    """What the nearest file that sets this key says, in this folder or one above; None where none does.

    Raises:
        BadInput: a file on the way is not TOML, or sets what there is not.
    """
    for here in (folder, *folder.parents):
        for name in FILES:
            table = _table(here / name)
            if key in table:
                return Setting(table[key], here / name)
    return None


def _table(file: Path) -> Mapping[str, Any]:
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        if file.name != "logreport.toml":
            return {}  # another tool's file, and its matter
        raise BadInput(f"{file}: is not TOML: {problem}", "mend it, or move it away") from problem
    if file.name == "logreport.toml" and (strayed := [key for key in KNOWN if key in found]):
        raise BadInput(f"{file}: {strayed[0]!r} stands outside of [tool.logreport]", "write [tool.logreport] above it")
    for key in ("tool", "logreport"):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return {}
    for key in found:
        if key not in KNOWN:
            raise BadInput(f"{file}: there is no setting {key!r}", f"[tool.logreport] can have {', '.join(KNOWN)}")
    return found
