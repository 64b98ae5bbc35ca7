"""What every test shares: one thread for the products under it, and property tests without a stopwatch."""

import os

# Two test processes on two cores: more threads would only wait for each other. Set before NumPy and torch load.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import settings

# The same examples in every run, and no deadline: a test must not depend on luck or on a busy machine.
settings.register_profile("minigrad", derandomize=True, deadline=None)
settings.load_profile("minigrad")
