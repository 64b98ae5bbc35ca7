"""What the tensors of a graph are called: by the caller's variables, and by the modules they are parameters of."""

from itertools import chain

from ..nn import Module
from ..tensor import Tensor


class Names:
    """`of` gives the name of a tensor ("" if it has none), `kinds` the class of a module by its dotted path."""

    def __init__(self, given):
        """given: {name: Tensor or Module}; other things are not looked at. Of several names, the first counts."""
        modules = {name: thing for name, thing in given.items() if isinstance(thing, Module)}
        inside = {part for module in modules.values() for part in module.modules() if part is not module}
        modules = {name: module for name, module in modules.items() if module not in inside}
        self.kinds, self.names = {}, {}
        for name, module in modules.items():
            prefix = name if len(modules) > 1 else ""
            self.kinds |= {path: type(part).__name__ for path, part in module.named_modules(prefix=prefix)}
            for path, tensor in chain(module.named_parameters(), module.named_buffers()):
                self.names.setdefault(tensor, f"{prefix}.{path}" if prefix else path)
        for name, thing in given.items():
            if isinstance(thing, Tensor):
                self.names.setdefault(thing, name)

    def of(self, tensor):
        return self.names.get(tensor, "")


def names_for(asked, given, frame):
    """The Names that a caller gave, or, if none were given, those of the variables at `frame`.

    Raises TypeError, in the name of the function `asked`, for a name of anything but a tensor or module.
    """
    for name, thing in given.items():
        if not isinstance(thing, Tensor | Module):
            raise TypeError(f"{asked} is for minigrad's tensors, and {name} is a {type(thing).__name__}.")
    return Names(given or variables(frame.f_locals, frame.f_globals))


def variables(inner, outer):
    """The variables that are seen from where `inner` are the local ones; none that begin with an underscore."""
    seen = {**inner, **{name: thing for name, thing in outer.items() if name not in inner}}
    return {name: thing for name, thing in seen.items() if name.isidentifier() and not name.startswith("_")}
