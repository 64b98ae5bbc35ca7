"""Judge it: every op, every graph and every training step, against PyTorch, which is loaded when it is first used.

Read in this order:

    cases          the table: on what inputs each op must agree, and why
    counterparts   what each op is called in PyTorch
    judges         against_torch, against_finite_differences, on_standin: a verdict on one case
    twin           any recorded graph again in PyTorch, op by op: where do they first differ?
    lockstep       two trainings side by side: do they stay together, but for rounding?
"""

from .cases import CASES
from .counterparts import COUNTERPARTS
from .judges import against_finite_differences, against_torch, on_standin
from .lockstep import lockstep
from .twin import twin
