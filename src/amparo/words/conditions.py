"""Conditions under which a question is asked, as data.

{"question", "is"}, {"all"}, {"any"}, {"not"}; bounded in depth.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from amparo.words.errors import AmparoError

MAX_DEPTH = 64
"""How deep conditions may be nested."""


class QuestionnaireBroken(AmparoError):
    """A questionnaire file that cannot be used. It is for its author, never for a reporter."""

    code = "questionnaire-broken"
    advice = "Mend the questionnaire file."


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One of four forms.

    `question` with `values`: at least one of the values was chosen (no values: anything was answered).
    `every`: all hold. `some`: at least one holds. `none`: the one in it does not hold.
    A question that was skipped has no values, so a negation holds for it: what hides a question must be said.
    """

    question: str = ""
    values: tuple[str, ...] = ()
    every: tuple["Condition", ...] = ()
    some: tuple["Condition", ...] = ()
    none: "Condition | None" = None

    def holds(self, answers: Mapping[str, Sequence[str]]) -> bool:
        """Whether it holds for these answers (of visible questions only)."""
        if self.question:
            given = answers.get(self.question, ())
            return any(value in self.values for value in given) if self.values else bool(given)
        if self.none is not None:
            return not self.none.holds(answers)
        if self.every:
            return all(part.holds(answers) for part in self.every)
        return any(part.holds(answers) for part in self.some)

    def asks(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every (question, values) pair it looks at."""
        if self.question:
            yield self.question, self.values
        for part in (*self.every, *self.some, *(() if self.none is None else (self.none,))):
            yield from part.asks()


def condition(raw: object, *, depth: int = 1) -> Condition:
    """A Condition from plain data; QuestionnaireBroken when it has another form or is nested deeper than 64."""
    if depth > MAX_DEPTH:
        raise QuestionnaireBroken(f"A condition is nested deeper than {MAX_DEPTH}.")
    if isinstance(raw, dict):
        keys = set(raw)
        if keys == {"all"} or keys == {"any"}:
            parts = raw.get("all", raw.get("any"))
            if isinstance(parts, list) and parts:
                made = tuple(condition(part, depth=depth + 1) for part in parts)
                return Condition(every=made) if "all" in keys else Condition(some=made)
        if keys == {"not"}:
            return Condition(none=condition(raw["not"], depth=depth + 1))
        if keys in ({"question"}, {"question", "is"}):
            name, values = raw["question"], raw.get("is", [])
            listed = isinstance(values, list) and all(isinstance(value, str) for value in values)
            if isinstance(name, str) and name and listed:
                return Condition(question=name, values=tuple(values))
    raise QuestionnaireBroken("A condition has a form we do not know.")
