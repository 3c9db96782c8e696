"""Plants and look-alikes by someone who has not seen the matcher: all found, none falsely.

The cases are in build.py (see its head) and truth.json; digest.txt fixes both, so that they cannot be bent to what
the product happens to do. A change needs its reason in CHANGES.txt and a new digest (`python test_blind.py`).
"""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
KINDS = ["ios-folder", "ios-zip", "androidqf-folder", "androidqf-zip"]
START = "import sys, amparo.cli; sys.exit(amparo.cli.main())"  # what the console script does


def digest() -> str:
    both = (HERE / "build.py").read_bytes() + (HERE / "truth.json").read_bytes()
    return hashlib.sha256(both).hexdigest()


def written() -> dict:
    return json.loads((HERE / "truth.json").read_text(encoding="utf-8"))


def builder():
    spec = importlib.util.spec_from_file_location("identify_blind_build", HERE / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def acquisitions(tmp_path_factory):
    return builder().build(tmp_path_factory.mktemp("blind") / "made")


@pytest.fixture(scope="module", params=KINDS)
def examined(request, acquisitions):
    """The lines of `amparo identify PATH --json` for one acquisition, and its exit status."""
    run = subprocess.run(
        [sys.executable, "-c", START, "identify", str(acquisitions[request.param]), "--json"],
        capture_output=True, timeout=150, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1"}, check=False,
    )
    lines = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines() if line.strip()]
    return {"kind": request.param.split("-")[0], "lines": lines, "status": run.returncode,
            "errors": run.stderr.decode("utf-8", "replace"), "findings": [x for x in lines if x["type"] == "finding"]}


def leaves(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value.casefold().rstrip("/")


def seen(finding) -> str:
    value = finding.get("seen")
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).casefold()


def names(finding, indicators) -> bool:
    """Whether the finding's knowledge names one of these indicators."""
    said = set(leaves(finding.get("knowledge")))
    return any(i.casefold().rstrip("/") in text for i in indicators for text in said)


def matches(finding, case) -> bool:
    shown = seen(finding)
    hit = any(token.casefold() in shown for token in case["seen"]) or shown.strip() in case["exact"]
    hit = hit or any(re.search(rf"(?<!\w){re.escape(w.casefold())}(?!\w)", shown) for w in case["word"])
    return hit and (not case["indicator"] or names(finding, case["indicator"]))


def plants(examined):
    return [case for case in written()["plants"] if case["acquisition"] == examined["kind"]]


def test_the_cases_are_as_they_were_written():
    assert (HERE / "digest.txt").read_text().split()[0] == digest()
    module = builder()
    assert module.truth() == written()
    assert module.check_cases() == []
    assert len(module.PLANTS) >= 60
    assert len(module.DECOYS) >= 60


def test_runs_to_its_end(examined):
    assert examined["status"] in (0, 3), examined["errors"]
    kinds = [line["type"] for line in examined["lines"]]
    assert kinds[-1] == "summary"
    assert kinds.count("summary") == 1
    assert set(kinds) <= {"finding", "not-checked", "summary"}
    summary = examined["lines"][-1]
    assert summary["findings"] == kinds.count("finding")
    assert summary["not_checked"] == kinds.count("not-checked")
    assert summary["knowledge"]["indicators"] > 0
    assert summary["knowledge"]["digest"]
    assert (examined["status"] == 3) == (kinds.count("not-checked") > 0)
    assert "Traceback" not in examined["errors"]


def test_every_plant_is_found(examined):
    missing = [
        f"{case['id']} ({case['artefact']}): {case['value'][:90]!r}"
        for case in plants(examined) if not any(matches(f, case) for f in examined["findings"])
    ]
    assert not missing, f"{len(missing)} of {len(plants(examined))} not found:\n" + "\n".join(missing)


def test_levels_are_those_of_the_description(examined):
    """Only for the rules of thumb whose level the description gives."""
    wrong = []
    for case in plants(examined):
        levels = {str(f["level"]).casefold() for f in examined["findings"] if matches(f, case)}
        if case["levels"] and levels and not levels & set(case["levels"]):
            wrong.append(f"{case['id']}: {sorted(levels)}, expected {case['levels']}")
    assert not wrong, "\n".join(wrong)


def test_every_collection_that_lists_a_value_is_named(examined):
    """The same value in two collections: both are named."""
    wrong = []
    for case in plants(examined):
        said = " ".join(json.dumps(f, ensure_ascii=False).casefold() for f in examined["findings"] if matches(f, case))
        wrong += [f"{case['id']}: {name} is not named" for name in case["names"] if said and name not in said]
    assert not wrong, "\n".join(wrong)


def test_no_look_alike_is_found(examined):
    wrong = []
    for case in written()["decoys"]:
        if case["acquisition"] != examined["kind"]:
            continue
        near = case["near"].casefold().rstrip("/")
        for finding in examined["findings"]:
            shown = seen(finding)
            hit = any(token.casefold() in shown for token in case["absent"])
            hit = hit or shown.strip().rstrip("/") in case["exact"]
            named = bool(near) and near in set(leaves(finding.get("knowledge")))
            if (hit and named) if case["only_indicator"] else (hit or named):
                wrong.append(f"{case['id']} ({case['artefact']}): {case['value'][:80]!r} -> {finding.get('seen')!r} "
                             f"by {finding.get('code')}")
    assert not wrong, f"{len(wrong)} false:\n" + "\n".join(wrong)


if __name__ == "__main__":
    (HERE / "truth.json").write_text(builder().truth_text(), encoding="utf-8")
    (HERE / "digest.txt").write_text(digest() + "\n", encoding="ascii")
