"""One base for every error a person may meet: what happened, and what to do next."""


class AmparoError(Exception):
    """An error told in one sentence, with advice for a stressed reader.

    `code` is stable and safe to store (no text of a case); `advice` says what to do next.
    """

    code = "error"
    advice = "Try again. If it happens again, tell whoever runs this desk."

    def __init__(self, says: str, *, advice: str | None = None, code: str | None = None):
        super().__init__(says)
        self.says = says
        if advice is not None:
            self.advice = advice
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.says} {self.advice}".strip()
