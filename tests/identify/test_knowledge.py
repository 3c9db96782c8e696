"""Loading indicators: counts of the published sets, licences, age, several collections, bad files."""

import hashlib
import textwrap
import time
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from amparo.identify import knowledge
from amparo.identify.knowledge import KnowledgeBase, NoKnowledge
from tests.identify.conftest import write_stix

SHIPPED = resources.files("amparo.identify.spyware") / "indicators"


@pytest.mark.parametrize(
    ("name", "count"),
    # Counts as the collections' own index gives them, not as we load them.
    [("amnesty/pegasus", 1549), ("amnesty/cytrox", 343), ("amnesty/malware", 2187), ("amnesty/wintego_helios", 175),
     ("amnesty/novispy", 18), ("mvt-indicators/candiru", 125), ("mvt-indicators/predator", 585),
     ("mvt-indicators/coruna", 216), ("mvt-indicators/operation_triangulation", 112),
     ("mvt-indicators/residentbat", 48), ("stalkerware/samples", 3228)],
)  # fmt: skip
def test_every_indicator_of_a_published_set_is_loaded(base: KnowledgeBase, name: str, count: int) -> None:
    assert base.collections[name].indicators == count and base.collections[name].not_understood == 0


def test_stix_sets_hold_all_5713_indicators_that_may_ship(base: KnowledgeBase) -> None:
    stix = [one for one in base.collections.values() if one.name.startswith(("amnesty/", "mvt-indicators/"))]
    assert (len(stix), sum(one.indicators for one in stix)) == (16, 4272 + 1441)


def test_every_shipped_set_states_maintainer_licence_source_and_date(base: KnowledgeBase) -> None:
    for one in base.collections.values():
        assert one.maintainer and one.source.startswith("https://") and one.dated >= "2018", one.name
        assert one.licence in ("CC BY 2.0", "CC BY 4.0", "MIT"), one.name
    assert not base.problems


def test_every_folder_has_its_notice_and_the_whole_is_small() -> None:
    folder = Path(str(SHIPPED))
    for sub in folder.iterdir():
        if sub.is_dir():
            assert (sub / "NOTICE").is_file() and (sub / "about.json").is_file(), sub.name
    assert (folder / "mvt-indicators" / "LICENSE").is_file()
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 8_000_000


def test_digest_of_a_set_is_that_of_its_file(base: KnowledgeBase) -> None:
    data = (SHIPPED / "amnesty" / "pegasus.stix2").read_bytes()
    assert base.collections["amnesty/pegasus"].digest == hashlib.sha256(data).hexdigest()


def test_old_sets_are_called_old(base: KnowledgeBase) -> None:
    newest = date(2026, 6, 21)
    old_on = {one.name for one in base.older_than(date(2026, 9, 19))}
    assert "amnesty/pegasus" in old_on and "stalkerware/ioc" not in old_on
    assert "stalkerware/ioc" in {one.name for one in base.older_than(date(2026, 9, 20))}
    assert (
        not base.older_than(date(2018, 1, 1))
        and newest.isoformat() == base.collections["stalkerware/ioc"].dated
    )


def test_loading_all_sets_takes_under_a_second() -> None:
    started = time.process_time()
    knowledge.load(())
    assert time.process_time() - started < 1


def test_watchware_is_not_called_stalkerware(base: KnowledgeBase) -> None:
    natures = {
        hit.nature
        for hits in base.tables["app"].values()
        for hit in hits
        if hit.collection.endswith("watchware")
    }
    assert natures == {"watchware"}


def test_public_test_keys_in_the_samples_are_no_indicators(base: KnowledgeBase) -> None:
    # The test key of the Android project, with which anybody may sign; it stands in samples.csv.
    assert "61ed377e85d386a8dfee6b864bd85b0bfaa5af81" not in base.tables["cert"]


def test_a_folder_adds_to_the_shipped_sets_and_the_same_file_is_not_counted_twice(tmp_path: Path) -> None:
    write_stix(tmp_path / "mine.stix2", ["[domain-name:value='evil.example']"])
    (tmp_path / "pegasus.stix2").write_bytes((SHIPPED / "amnesty" / "pegasus.stix2").read_bytes())
    more = knowledge.load([tmp_path])
    assert more.indicators == knowledge.load_shipped().indicators + 1
    assert more.collections["mine"].licence == "not stated" and "pegasus" not in more.collections
    assert more.digest != knowledge.load_shipped().digest


def test_two_collections_with_one_value_keep_both(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_stix(tmp_path / f"{name}.stix2", ["[domain-name:value='evil.example']"], about=name)
    base = knowledge.load_only(tmp_path)
    assert [hit.collection for hit in base.tables["host"]["evil.example"]] == ["one", "two"]


def test_plain_lists_csv_and_yaml(tmp_path: Path) -> None:
    (tmp_path / "domains.txt").write_text("# list\nevil.example\n\n www.odd.example \n", "utf-8")
    (tmp_path / "v2_ips.txt").write_text("192.0.2.7\nnot an address\n", "utf-8")
    (tmp_path / "table.csv").write_text(
        'domain_name,ip_address\n"a.example","192.0.2.8"\nb.example\n', "utf-8"
    )
    (tmp_path / "net.csv").write_text(
        "type,indicator,app\ndomain,c.example,Odd\nquux,d.example,Odd\n", "utf-8"
    )
    apps = "- name: Odd\n  type: watchware\n  packages: [qx.odd]\n  c2:\n    ips: ['192.0.2.9']\n- 5\n"
    (tmp_path / "apps.yaml").write_text(apps, "utf-8")
    base = knowledge.load_only(tmp_path)
    assert set(base.tables["host"]) == {"evil.example", "odd.example", "a.example", "b.example", "c.example"}
    assert set(base.tables["ip"]) == {"192.0.2.7", "192.0.2.8", "192.0.2.9"}
    assert base.tables["app"]["qx.odd"][0].nature == "watchware"
    assert base.not_understood == 3 and not base.problems


def test_bad_files_are_told_and_the_others_stay(tmp_path: Path) -> None:
    write_stix(tmp_path / "good.stix2", ["[file:name='odd.js']"])
    (tmp_path / "broken.stix2").write_bytes(b'{"objects": [')
    (tmp_path / "domains.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bomb.yaml").write_text("- &a [*a, *a]\n", "utf-8")
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    (tmp_path / "laughs.yaml").write_text(
        f"- name: Odd\n  b:\n{textwrap.indent(laughs, '    ')}  packages: [*a59]\n", "utf-8"
    )
    (tmp_path / "notes.txt").write_text("buy milk\n", "utf-8")
    base = knowledge.load_only(tmp_path)
    assert base.indicators == 1
    assert sorted(problem.partition(":")[0] for problem in base.problems) == [
        "bomb.yaml", "broken.stix2", "domains.txt", "notes.txt",
    ]  # fmt: skip


def test_a_folder_without_indicators_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoKnowledge) as refused:
            knowledge.load([folder])
        assert refused.value.advice
