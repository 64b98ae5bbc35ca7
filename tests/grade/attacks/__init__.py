"""Attacks on the grader, a file for each class of them; none may earn a point or do harm.

attack       what an attack is, and how its answer's text is made
targets      the exercises that are attacked
trial        tries an attack in a sandbox, and looks at what came of it and what it left behind

comparisons  overloads and replaces what could compare           results    gives back what is hard to look at
expectations looks for what is expected, or for the reference    messages   errors that mean to be read by somebody
back_doors   has the answer made by PyTorch or by the library    texts      answers that are hardly Python
pipe         talks to the grader past what runs it               ends       exits, hangs, crashes
machinery    replaces what runs it                               resources  takes all there is
outside      reaches for files and processes of the machine      known      is right for what a learner can see
"""

from importlib import import_module

CLASSES = (
    *("comparisons", "expectations", "back_doors", "pipe", "machinery", "outside"),
    *("results", "messages", "texts", "ends", "resources", "known"),
)


def all_attacks():
    """Every Attack, in order; its `name` begins with its class."""
    from .attack import Attack

    found = []
    for name in CLASSES:
        module = import_module(f"{__name__}.{name}")
        for thing in vars(module).values():
            if isinstance(thing, Attack):
                thing.name = f"{name}/{thing.called}"
                found.append(thing)
    return found
