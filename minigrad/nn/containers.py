"""Modules that hold other modules."""

from .module import Module


class Sequential(Module):
    """Modules one after the other: the output of each is the input of the next."""

    def __init__(self, *modules):
        for i, module in enumerate(modules):
            setattr(self, str(i), checked("Sequential", i, module))

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x

    def __len__(self):
        return len(list(self.children()))

    def __iter__(self):
        return self.children()

    def __getitem__(self, index):
        modules = list(self.children())[index]
        return Sequential(*modules) if isinstance(index, slice) else modules


class ModuleList(Module):
    """A list of modules, found by `parameters()` as an ordinary list's would not be."""

    def __init__(self, modules=()):
        self.extend(modules)

    def append(self, module):
        setattr(self, str(len(self)), checked("ModuleList", len(self), module))
        return self

    def extend(self, modules):
        for module in modules:
            self.append(module)
        return self

    __iadd__ = extend

    def pop(self, index):
        module = self[index]
        del self[index]
        return module

    def insert(self, index, module):
        modules = list(self)
        modules.insert(index, module)
        return self._hold(modules)

    def __setitem__(self, index, module):
        setattr(self, str(range(len(self))[index]), checked("ModuleList", index, module))

    def __delitem__(self, index):
        modules = list(self)
        del modules[index]
        self._hold(modules)

    def _hold(self, modules):
        for name, _ in list(self.named_children()):
            delattr(self, name)
        return self.extend(modules)

    def __len__(self):
        return len(list(self.children()))

    def __iter__(self):
        return self.children()

    def __getitem__(self, index):
        modules = list(self)[index]
        return ModuleList(modules) if isinstance(index, slice) else modules


class ModuleDict(Module):
    """Modules by name, found by `parameters()` as an ordinary dictionary's would not be."""

    def __init__(self, modules=()):
        self.update(modules)

    def update(self, modules):
        for name, module in modules.items() if hasattr(modules, "items") else modules:
            self[name] = module

    def __setitem__(self, name, module):
        if hasattr(type(self), name) or "." in name or not name:
            raise KeyError(f"ModuleDict: {name!r} cannot name a module: it has a dot in it, is empty, or taken.")
        setattr(self, name, checked("ModuleDict", name, module))

    def __getitem__(self, name):
        return dict(self.items())[name]

    def __delitem__(self, name):
        delattr(self, name)

    def pop(self, name):
        module = self[name]
        del self[name]
        return module

    def keys(self):
        return dict(self.items()).keys()

    def values(self):
        return dict(self.items()).values()

    def items(self):
        return dict(self.named_children()).items()

    def __len__(self):
        return len(self.keys())

    def __iter__(self):
        return iter(self.keys())

    def __contains__(self, name):
        return name in self.keys()


def checked(name, place, module):
    """The module, if it is one."""
    if not isinstance(module, Module):
        raise TypeError(f"{name} wants modules, and number {place} is a {type(module).__name__}.")
    return module
