"""Every test of the sandbox is run in each tier that this machine has."""

import pytest
from in_the_box import there

from minigrad.grade.sandbox import Bubblewrap, Landlock, Plain


@pytest.fixture(params=[Bubblewrap, Landlock], ids=lambda tier: tier.name)
def sandbox(request):
    return there(request.param())


@pytest.fixture(params=[Bubblewrap, Landlock, Plain], ids=lambda tier: tier.name)
def tier(request):
    """A sandbox, or none."""
    return there(request.param())
