"""Modules that hold other modules."""

from .module import Module


class Numbered(Module):
    """What a Sequential and a ModuleList are: modules under the names "0", "1", ... (or others that were given)."""

    def __len__(self):
        return len(self._items(Module))

    def __iter__(self):
        return (module for _, module in self._items(Module))

    def __getitem__(self, index):
        return list(self)[index] if not isinstance(index, slice) else self._part(index)

    def __setitem__(self, index, module):
        setattr(self, self._items(Module)[index][0], module)

    def __delitem__(self, index):
        modules = list(self)
        del modules[index]
        self._hold(modules)

    def _hold(self, modules):
        """Hold these modules, and no others."""
        for name, _ in self._items(Module):
            delattr(self, name)
        self.extend(modules)

    def append(self, module):
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index, module):
        modules = list(self)
        modules.insert(index, module)
        self.append(module)  # or TypeError, before anything has moved
        self._hold(modules)

    def pop(self, key):
        module = self[key]
        del self[key]
        return module

    def __add__(self, other):
        return type(self)().extend(self).extend(other)

    def __iadd__(self, other):
        return self.extend(other)


class Sequential(Numbered):
    """Modules one after the other: the output of each is the input of the next. They, or a dictionary of them."""

    def __init__(self, *modules):
        named = modules[0].items() if modules and isinstance(modules[0], dict) else enumerate(modules)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, x):
        for module in self:
            x = module(x)
        return x

    def _part(self, index):
        return type(self)(dict(self._items(Module)[index]))

    def insert(self, index, module):
        if not isinstance(module, Module):
            raise AssertionError(f"insert: a module is wanted, and got a {type(module).__name__}.")
        if not -len(self) <= index <= len(self):
            raise IndexError(f"insert: there are places from {-len(self)} to {len(self)}, and got {index}.")
        super().insert(index, module)
        return self

    def __add__(self, other):
        return type(self)(*self).__iadd__(other)

    def __iadd__(self, other):
        if not isinstance(other, Sequential):
            raise ValueError(f"what is added is a Sequential, not a {type(other).__name__}. Try .append(...).")
        return self.extend(other)

    def __mul__(self, times):
        if times < 1:
            raise ValueError(f"a Sequential can be taken 1, 2, 3 ... times, and not {times!r}.")
        return type(self)(*list(self) * times)

    __rmul__ = __mul__


class ModuleList(Numbered):
    """A list of modules, found by `parameters()` as an ordinary list's would not be."""

    def __init__(self, modules=None):
        self.extend(() if modules is None else modules)

    def _part(self, index):
        return type(self)(list(self)[index])

    def _lines(self):
        """Neighbours that print alike share a line."""
        runs = []
        for i, text in enumerate(map(repr, self)):
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        return [f"({i}): {text}" if i == j else f"({i}-{j}): {j - i + 1} x {text}" for i, j, text in runs]


class ModuleDict(Module):
    """Modules by name, found by `parameters()` as an ordinary dictionary's would not be."""

    def __init__(self, modules=None):
        self.update({} if modules is None else modules)

    def update(self, modules):
        for name, module in modules.items() if hasattr(modules, "items") else modules:
            self[name] = module

    def __setitem__(self, name, module):
        self.add_module(name, module)

    def __getitem__(self, name):
        return dict(self.items())[name]

    def __delitem__(self, name):
        delattr(self, name) if name in self else self[name]

    def pop(self, name):
        module = self[name]
        del self[name]
        return module

    def clear(self):
        for name in list(self):
            del self[name]

    def keys(self):
        return dict(self.items()).keys()

    def values(self):
        return dict(self.items()).values()

    def items(self):
        return dict(self._items(Module)).items()

    def __len__(self):
        return len(self.keys())

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return name in self.keys()
