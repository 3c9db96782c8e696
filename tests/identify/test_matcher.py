"""The matcher against the defects that are known of the peer: named hosts and values, one test each."""

import pytest

from amparo.identify.knowledge import KnowledgeBase
from amparo.identify.spyware.matcher import Hits, Matcher


@pytest.fixture
def match(small: KnowledgeBase) -> Matcher:
    return Matcher(small)


def values(hits: Hits) -> set[str]:
    return {hit.value for hit in hits}


@pytest.mark.parametrize(
    "host", ["x.a.b.deep.example", "a.b.deep.example:8443", "A.B.Deep.Example", "x.y.a.b.deep.example."]
)
def test_1_below_a_sub_domain_indicator_and_with_a_port(match: Matcher, host: str) -> None:
    assert values(match.url(f"https://{host}/p")) == {"a.b.deep.example"}


@pytest.mark.parametrize("host", ["deep.example", "b.deep.example", "xa.b.deep.example"])
def test_1_above_or_beside_a_sub_domain_indicator_is_no_match(match: Matcher, host: str) -> None:
    assert not match.url(f"https://{host}/")


@pytest.mark.parametrize(
    "host", ["www.andropwn.xyz", "www.tzsafe.com", "webwatcher-child-app.firebaseio.com"]
)
def test_2_hosts_that_the_peer_can_never_match(base: KnowledgeBase, host: str) -> None:
    assert Matcher(base).url(f"https://{host}/x")
    assert Matcher(base).url(f"https://{host}:8443/x")
    assert Matcher(base).url(f"https://sub.{host.removeprefix('www.')}/x")


def test_2_www_is_a_label_not_letters(match: Matcher) -> None:
    assert match.url("https://andropwn.example/") and match.url("https://www.andropwn.example/")
    assert not match.url("https://wwwandropwn.example/")


def test_3_addresses_only_match_themselves(match: Matcher) -> None:
    assert values(match.url("http://178.63.71.15/")) == {"178.63.71.15"}
    for url in (
        "http://1178.63.71.155/",
        "http://178.63.71.155/",
        "http://178.63.71.1/",
        "http://x.example/178.63.71.15",
    ):
        assert not match.url(url)


def test_3_urls_that_cannot_be_read_match_nothing(match: Matcher) -> None:
    for url in (
        "http://",
        "http://[",
        "http://[::1",
        "://evil.example",
        "http://%zz/",
        "\x00",
        "http://evil.example\x00.x/",
    ):
        match.url(url)
    assert not match.url("http://evil.example\x00.good.example/")


def test_4_paths_match_whole_components_from_the_start(match: Matcher) -> None:
    assert match.path("/data/local/tmp/wd/") and match.path("/data/local/tmp/wd/x/y")
    assert match.path("/var/tmp/hooker") and match.path("/private/var/tmp/hooker/x")
    assert match.path("Library/Preferences/odd.plist")
    for path in ("/data/local/tmp/wdx", "/data/local/tmp", "/x/data/local/tmp/wd/", "data/local/tmp/wd",
                 "/var/tmp/hooker2", "/data/local/tmp/wd/../x", "x/Library/Preferences/odd.plist", ""):  # fmt: skip
        assert not match.path(path), path


def test_file_names_are_equal_or_nothing(match: Matcher) -> None:
    assert match.filename("/any/place/odd.js") and match.filename("odd.js")
    for name in ("odd.js.old", "xodd.js", "odd.js/other", "ODD.JS"):
        assert not match.filename(name)


def test_processes_match_by_base_name_and_where_iOS_cut_them(match: Matcher) -> None:
    assert match.process("averylongprocessname") and match.process("/usr/libexec/bh") and match.process("bh")
    assert match.process("averylongprocess")  # 16 signs
    for name in ("averylongproces", "averylongprocessn", "bhx", "xbh", "BH", "bh/other"):
        assert not match.process(name), name


def test_mail_apps_profiles_fold_case_and_nothing_else(match: Matcher) -> None:
    assert match.email("BAD.person@example.ORG") and match.app("QX.stalker.app") and match.profile("abcd-1")
    assert not match.email("xbad.person@example.org") and not match.email("bad.person@example.org.qx")
    assert not match.app("qx.stalker.app.helper") and not match.app("qx.stalker")


def test_digests_match_in_any_spelling(match: Matcher) -> None:
    assert match.hash("AB" * 32) and match.hash("cd" * 32)
    assert match.certificate("00:11:22:33:44:55:66:77:88:99:00:11:22:33:44:55:66:77:88:99")
    assert not match.hash("ab" * 20) and not match.hash("") and not match.hash("x" * 64)


def test_a_url_indicator_matches_its_path_and_below(match: Matcher) -> None:
    assert match.url("https://host.example/kit/x") and match.url("http://host.example:80/kit/x/y?q=1")
    assert not match.url("https://host.example/kit") and not match.url("https://host.example/kit/xy")


def test_7_bare_domains_and_defanged_links_in_messages(match: Matcher) -> None:
    for text in ("evil.example/x", "hxxps://evil.example", "evil[.]example", "see www.evil.example."):
        assert values(match.text(text)[0][1]) == {"evil.example"}
    assert not match.text(
        "notevil.example evil.example.com https://good.example/?u=evil.example evil.examples"
    )


def test_a_top_level_domain_as_indicator_does_not_flood(small: KnowledgeBase, tmp_path: object) -> None:
    from amparo.identify.knowledge import _About
    from amparo.identify.stix import Entry, Published

    small.add("odd", Published([Entry("host", "com")], "", 0), _About(), "d")
    assert not Matcher(small).url("https://example.com/")


def test_9_a_value_in_two_collections_names_both(base: KnowledgeBase) -> None:
    match = Matcher(base)
    cited = match.cite(match.process("bh"))
    names = {one.collection for one in cited}
    assert names == {"amnesty/pegasus", "amnesty-text/2021-07-18_nso/processes"}
    assert all(set(one.collections) == names for one in cited)
    assert all(
        one.licence == "CC BY 2.0" and one.maintainer.startswith("Amnesty") and one.digest for one in cited
    )


def test_every_published_host_matches_itself_and_below(base: KnowledgeBase) -> None:
    match = Matcher(base)
    for key, hits in base.tables["host"].items():
        if "." not in key:
            continue
        assert match.url(f"https://{hits[0].value.partition('://')[2] or hits[0].value}:8443/x"), key
        assert match.url(f"https://x.{key}/"), key
        assert not any(hit.value == hits[0].value for hit in match.url(f"https://{key}.qx-example.org/")), key
