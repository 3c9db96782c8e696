"""Evidence becomes findings, each with its explanation.

What enters: a tree of files (folder, zip, tar) and a base of published indicators. What leaves: findings with level,
exact place, time, meaning and what they do not mean, and for every part that was not examined the reason. What this
room must never know: who reported, which case it is, any network, the clock, or the desk that asked.

    from pathlib import Path
    from amparo import identify
    from amparo.identify import knowledge

    exam = identify.examine(Path("backup.zip"), "backup.zip", knowledge.load_shipped())
    for result in exam:
        print(result)
    print(exam.summary().says)
"""

from amparo.identify.detectors import Detector, Examined, Manifest, detectors
from amparo.identify.examining import Exam, Summary, device_evidence, examine
from amparo.identify.trees import Tree, open_tree

__all__ = [
    "Detector", "Exam", "Examined", "Manifest", "Summary", "Tree",
    "detectors", "device_evidence", "examine", "open_tree",
]  # fmt: skip
