"""Log files into calls: found, recognised, read in one fast strict pass or, in doubt, carefully record by record."""

from logreport.reading.batch import Batch, Tally
from logreport.reading.careful import careful_batches
from logreport.reading.files import Log, find_logs, sha256
from logreport.reading.own import OwnFile, report_in
from logreport.reading.recognise import Format, Wish, recognise
from logreport.reading.strict import strict_batches

__all__ = [
    "Batch",
    "Format",
    "Log",
    "OwnFile",
    "Tally",
    "Wish",
    "careful_batches",
    "find_logs",
    "recognise",
    "report_in",
    "sha256",
    "strict_batches",
]
