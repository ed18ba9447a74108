"""Hypothesis for CI: the same examples each run, and no deadline on a shared machine."""

import os

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("fresh", deadline=None)
settings.load_profile(os.environ.get("KAFKABOOK_HYPOTHESIS", "steady"))
