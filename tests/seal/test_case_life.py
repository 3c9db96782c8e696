"""The life of a case as a state machine: colleagues come and go, and a model says who can read what.

The machine plays the desk: it keeps rows, re-keys in one step, and hands every actor only what the table holds.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from amparo import seal


@dataclass
class Row:
    ctx: seal.Context
    channel: str
    body: bytes
    sealed_key: bytes
    payload: bytes
    author: UUID


class CaseLife(RuleBasedStateMachine):
    """People: up to four colleagues, one reporter, one recovery key."""

    @initialize()
    def open_case(self) -> None:
        self.people = {uuid4(): seal.new_staff_keys() for _ in range(4)}
        self.reporter = seal.new_reporter_keys()
        self.case = seal.case_id_for(self.reporter.kex.public, self.reporter.sign.public)
        self.recovery, self.recovery_id = seal.new_kex_pair(), uuid4()
        self.epoch, self.rows, self.grants = 0, [], {}
        self.copies: dict[UUID, tuple[int, seal.ChannelKeys, int]] = {}
        self.members = {next(iter(self.people))}
        self.start_epoch(seal.Author("reporter", self.case, self.reporter.sign.private))

    def signers(self, kind: str, who: UUID) -> bytes | None:
        if kind == "reporter":
            return self.reporter.sign.public if who == self.case else None
        return self.people[who].sign.public if who in self.people else None

    def start_epoch(self, giver: seal.Author) -> None:
        channels = seal.new_channel_keys()
        for row in self.rows:
            old = getattr(self.keys_of(next(iter(self.grants))), row.channel)
            place = (row.ctx.case, row.ctx.item, row.ctx.kind)
            key = seal.open_data_key(old.private, row.sealed_key, *place, self.epoch)
            row.sealed_key = seal.seal_data_key(
                getattr(channels, row.channel).public, key, *place, self.epoch + 1
            )
        self.epoch += 1
        self.grants = {
            who: seal.grant(
                channels, self.case, self.epoch, seal.Grantee("staff", who), self.people[who].kex.public, giver
            )
            for who in self.members
        }
        hers = seal.Grantee("reporter", self.case)
        self.reporter_grant = seal.grant_dialogue(
            channels, self.case, self.epoch, hers, self.reporter.kex.public, giver
        )
        self.recovery_grant = seal.grant(
            channels, self.case, self.epoch, seal.Grantee("recovery", self.recovery_id), self.recovery.public, giver
        )

    def keys_of(self, who: UUID) -> seal.ChannelKeys:
        granted = seal.read_grant(
            self.people[who].kex.private, self.grants[who], self.case, self.epoch, seal.Grantee("staff", who),
            self.signers,
        )
        assert granted.proven
        return granted.keys

    def reporters_key(self) -> seal.KeyPair:
        return seal.open_dialogue_grant(
            self.reporter.kex.private, self.reporter_grant, self.case, self.epoch,
            seal.Grantee("reporter", self.case),
        )

    def write(self, channel: str, public: bytes, author: seal.Author, payload: bytes) -> None:
        ctx = seal.Context(self.case, uuid4(), "message" if channel == "dialogue" else "note", self.epoch)
        item = seal.seal_item(public, ctx, self.epoch, payload, author)
        self.rows.append(Row(ctx, channel, item.body, item.sealed_key, payload, author.id))

    @rule(data=st.data(), payload=st.binary(max_size=300), channel=st.sampled_from(["staff", "dialogue"]))
    def colleague_writes(self, data: st.DataObject, payload: bytes, channel: str) -> None:
        who = data.draw(st.sampled_from(sorted(self.members)))
        author = seal.Author("staff", who, self.people[who].sign.private)
        self.write(channel, getattr(self.keys_of(who), channel).public, author, payload)

    @rule(payload=st.binary(max_size=300))
    def reporter_writes(self, payload: bytes) -> None:
        author = seal.Author("reporter", self.case, self.reporter.sign.private)
        self.write("dialogue", self.reporters_key().public, author, payload)

    @precondition(lambda self: len(self.members) < 4)
    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        by = data.draw(st.sampled_from(sorted(self.members)))
        new = data.draw(st.sampled_from(sorted(set(self.people) - self.members)))
        giver = seal.Author("staff", by, self.people[by].sign.private)
        self.grants[new] = seal.grant(
            self.keys_of(by), self.case, self.epoch, seal.Grantee("staff", new), self.people[new].kex.public, giver
        )
        self.members.add(new)
        self.copies.pop(new, None)

    @precondition(lambda self: len(self.members) > 1)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(sorted(self.members)))
        self.copies[gone] = (self.epoch, self.keys_of(gone), len(self.rows))  # a copy kept before leaving
        by = min(self.members - {gone})
        self.members.discard(gone)
        self.start_epoch(seal.Author("staff", by, self.people[by].sign.private))

    @rule(data=st.data())
    def shred_one(self, data: st.DataObject) -> None:
        if self.rows:
            row = data.draw(st.sampled_from(self.rows))
            self.rows.remove(row)
            self.copies = {who: (e, k, 0) for who, (e, k, _) in self.copies.items()}

    def opened(self, row: Row, private: bytes, key_epoch: int) -> seal.Written:
        return seal.open_item(private, row.ctx, key_epoch, row.body, row.sealed_key, self.signers)

    @invariant()
    def members_and_recovery_read_everything(self) -> None:
        everyone = [self.keys_of(who) for who in self.members] + [
            seal.open_grant(
                self.recovery.private, self.recovery_grant, self.case, self.epoch,
                seal.Grantee("recovery", self.recovery_id),
            )
        ]
        for keys in everyone:
            for row in self.rows:
                written = self.opened(row, getattr(keys, row.channel).private, self.epoch)
                assert (written.payload, written.author_id, written.proven) == (row.payload, row.author, True)

    @invariant()
    def the_reporter_reads_the_dialogue_only(self) -> None:
        private = self.reporters_key().private
        for row in self.rows:
            if row.channel == "dialogue":
                assert self.opened(row, private, self.epoch).payload == row.payload
            else:
                assert refused(lambda row=row: self.opened(row, private, self.epoch))

    @invariant()
    def who_left_reads_nothing_of_the_table(self) -> None:
        for who, (epoch, keys, _) in self.copies.items():
            assert who not in self.grants
            for row in self.rows:
                private = getattr(keys, row.channel).private
                for key_epoch in (epoch, self.epoch):
                    assert refused(lambda row=row, p=private, e=key_epoch: self.opened(row, p, e))

    @invariant()
    def who_never_came_reads_nothing(self) -> None:
        for who in set(self.people) - self.members:
            for sealed in self.grants.values():
                assert refused(lambda who=who, sealed=sealed: seal.open_grant(
                    self.people[who].kex.private, sealed, self.case, self.epoch, seal.Grantee("staff", who)
                ))


def refused(ask: object) -> bool:
    try:
        ask()  # type: ignore[operator]
    except seal.SealError:
        return True
    return False


TestCaseLife = CaseLife.TestCase
TestCaseLife.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
