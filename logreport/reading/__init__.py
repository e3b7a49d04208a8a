"""Log files into calls: found, recognised, read in one fast strict pass or, in doubt, carefully record by record."""

from logreport.reading.batch import Batch, Tally
from logreport.reading.careful import careful_batches
from logreport.reading.files import Log, find_logs, sha256
from logreport.reading.shape import recognise
from logreport.reading.strict import strict_batches

__all__ = ["Batch", "Log", "Tally", "careful_batches", "find_logs", "recognise", "sha256", "strict_batches"]
