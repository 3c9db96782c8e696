"""Property tests here wait for no clock: a busy machine is not a failed test."""

from hypothesis import settings

settings.register_profile("seal", deadline=None)
settings.load_profile("seal")
