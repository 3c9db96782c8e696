"""Where Django looks for models; they live in `records`, one file a noun."""

from amparo.desk.records import *  # noqa: F403
