"""Models, one file a noun. What stands in a column in clear is argued beside it; all else is sealed."""

from amparo.desk.records.cases import Blob, Case, CaseEpoch, Delegate, Grant, Item, ItemKey, Mark, PaperCard
from amparo.desk.records.custody import LogEntry, LogNode
from amparo.desk.records.letters import HandedOver, Import, ImportedRow, Letter, TeamKey
from amparo.desk.records.sessions import SessionRow
from amparo.desk.records.sheets import Bucket, QueueSheet, SearchSheet, Setting
from amparo.desk.records.staff import Staff
from amparo.desk.records.waking import Absence, Alarm, CheckIn, Ping, Turn
from amparo.desk.records.workers import Lease, Worker

__all__ = [
    "Absence", "Alarm", "Blob", "Bucket", "Case", "CaseEpoch", "CheckIn", "Delegate", "Grant", "HandedOver",
    "Import", "ImportedRow", "Item", "ItemKey", "Lease", "Letter", "LogEntry", "LogNode", "Mark", "PaperCard",
    "Ping", "QueueSheet", "SearchSheet", "SessionRow", "Setting", "Staff", "TeamKey", "Turn", "Worker",
]
