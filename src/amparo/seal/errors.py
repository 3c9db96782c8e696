"""What sealing may refuse, each in one sentence with advice. No message carries a byte of a case."""

from amparo.words.errors import AmparoError


class SealError(AmparoError):
    """Something could not be sealed or opened."""

    code = "seal"
    advice = "Nothing was changed. Try again; if it happens again, tell whoever runs this desk."


class Tampered(SealError):
    """A sealed thing was altered, moved or cut, or the wrong key was used: nothing of it is shown."""

    code = "seal.tampered"
    advice = "Do not rely on it. Keep it as it is and tell the person who leads this desk."


class WrongReceipt(SealError):
    """These words open no report."""

    code = "seal.wrong-receipt"
    advice = "Check each word against what you wrote down, in the same order."


class NotAllowed(SealError):
    """This key was not given access."""

    code = "seal.not-allowed"
    advice = "Ask a colleague who works on this case, or the person who leads this desk, to give you access."


class Busy(SealError):
    """Too many people are signing in at this moment."""

    code = "seal.busy"
    advice = "Wait a few seconds and try again. What you typed is not lost."
