"""Models, one file a noun. What stands in a column in clear is argued beside it; all else is sealed."""

from amparo.desk.records.cases import Blob, Case, CaseEpoch, Grant, Item, ItemKey
from amparo.desk.records.custody import LogEntry, LogNode
from amparo.desk.records.sessions import SessionRow
from amparo.desk.records.sheets import Bucket, QueueSheet, Setting
from amparo.desk.records.staff import Staff
from amparo.desk.records.workers import Lease, Worker

__all__ = [
    "Blob", "Bucket", "Case", "CaseEpoch", "Grant", "Item", "ItemKey", "Lease", "LogEntry", "LogNode",
    "QueueSheet", "SessionRow", "Setting", "Staff", "Worker",
]
