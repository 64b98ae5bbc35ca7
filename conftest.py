"""What validating a notebook adds to nbval: messages on stderr are no part of a lesson, and are not compared."""


def pytest_collectstart(collector):
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
