"""What can go wrong for a user, and how the program says so.

LogReportError
├── BadInput            a log that cannot be read, or of which nothing could be loaded
├── BadWindow           a window that makes no sense: a zone nobody knows, until before since
├── CannotConnect       a database that cannot be opened, or that went away
│   └── Busy            a database that somebody else has open
├── CannotWrite         a report, JSON or rejects file that cannot be written
├── IncompatibleDatabase a database that another version made, or somebody else
└── PluginConflict      two plugins that want one name

Everything else that is raised is a bug and keeps its traceback.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers to the shell."""

    OK = 0
    GATE_FAILED = 1
    FAILED = 2


class LogReportError(Exception):
    """Something the user can mend; `hint` says how."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(LogReportError):
    """A log cannot be read, or no call in it could be loaded."""


class NoBaseline(BadInput):
    """There is neither a file nor a run that a baseline may be."""


class BadWindow(LogReportError):
    """The window asked for makes no sense."""


class CannotConnect(LogReportError):
    """The database cannot be opened, or it was open and went away."""


class Busy(CannotConnect):
    """Somebody else has the database open, and did not close it in time."""


class CannotWrite(LogReportError):
    """An output file cannot be written."""


class IncompatibleDatabase(LogReportError):
    """The database was made by another version of logreport, or by somebody else."""


class PluginConflict(LogReportError):
    """Two plugins want the same name."""


class Doubt(Exception):
    """The strict pass met something it will not load; the careful pass must decide.

    Never seen by a user: `ingest` catches it, rolls back and reads the file again, record by record.
    """
