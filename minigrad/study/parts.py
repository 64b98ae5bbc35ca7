"""The learner's own framework: what passed stands in for the library's own, in one block of code.

    with using(my_parts()):
        loss.backward()

A part is put in the place that its exercise names, such as `ops.mul`, by plain `setattr`: the library looks its
functions up when it calls them. A part that fails there is named, and the library's own goes on in its place.
"""

import contextlib
import functools
import linecache
import pkgutil
import warnings
from collections.abc import Iterator

import numpy as np

from ..check.report import Table
from ..graph import stretches
from ..tensor import Tensor
from . import chapters, keep
from .guard import files_of, line_of


class PartWarning(UserWarning):
    """A part did not do what is asked of it, and the library's own took its place."""


class Parts(dict):
    """The functions of exercises, by key: {"04_backprop/mul": function}."""

    @property
    def summary(self):
        places = [exercise for exercise in chapters.exercises() if exercise.part]
        return f"{sum(exercise.key in self for exercise in places)} of {len(places)} parts are yours"

    def table(self):
        """Every place of the library that an answer can take, and whose function is there."""
        table = Table("place in the library", "", "exercise")
        for exercise in chapters.exercises():
            if exercise.part:
                table.row(exercise.part, "yours" if exercise.key in self else "the library's", exercise)
        return table

    def __repr__(self):
        return f"{self.summary}\n\n{self.table().text()}"

    def _repr_html_(self):
        return self.table().html(self.summary)


def my_parts():
    """Every part that the learner's answers have become. One that no longer runs is left out, and named."""
    found = Parts()
    for key, source in keep.parts().items():
        exercise = next((e for e in chapters.exercises() if e.key == key), None)
        if exercise is None:
            continue
        names, file = {"__name__": f"your {exercise.name}"}, f"<your {exercise.name}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file  # for tracebacks and debug()
        try:
            exec(compile(source, file, "exec"), names)
            found[key] = names[exercise.name]
        except Exception as error:  # it may need a package that is gone, or have been edited by hand
            warn(exercise, f"does not run any more ({type(error).__name__}: {error})")
    return found


@contextlib.contextmanager
def using(*parts):
    """Inside the block, the library runs on these parts: what `my_parts()` gives, or functions by their names.

    Raises LookupError for a function that is not an exercise's, or one that has no place in the library.
    """
    before = []
    try:
        for exercise, function in chosen(parts):
            module, name = place(exercise)
            original = getattr(module, name)
            before.append((module, name, original))
            guard = guarded_class if isinstance(original, type) else guarded
            setattr(module, name, guard(exercise, exercise.adapt(function), original))
        yield
    finally:
        for module, name, original in reversed(before):
            setattr(module, name, original)


def chosen(parts):
    """(exercise, function) for each part that has a place in the library."""
    for part in parts:
        if isinstance(part, dict):
            known = {e.key: e for e in chapters.exercises()}
            yield from ((known[key], function) for key, function in part.items() if known[key].part)
            continue
        having = [e for e in chapters.exercises() if e.name == part.__name__ and e.part]
        if not having:
            raise LookupError(f"the library has no place for {part.__name__!r}; parts() lists those it has.")
        yield having[-1], part


def place(exercise):
    """(module, name) of the place in the library."""
    path, _, name = exercise.part.rpartition(".")
    return pkgutil.resolve_name(f"minigrad.{path}"), name


def guarded(exercise, function, original):
    """The learner's function, watched: where it raises, or first gives another shape, the library's own answers."""
    files, agreed, broken = files_of(function), set(), []

    def give_up(what):
        broken.append(True)
        warn(exercise, f"{what}. The library's own goes on in its place")

    @functools.wraps(original)
    def part(*inputs, **options):
        if broken:
            return original(*inputs, **options)
        try:
            answer = function(*inputs, **options)
        except Exception as error:
            give_up(f"raised {type(error).__name__} at {line_of(error, files)} ({error})")
            return original(*inputs, **options)
        form = shapes(inputs), shapes(tuple(options.values()))
        if form not in agreed:
            own, wanted = shapes(answer), shapes(original(*map(spare, inputs), **options))
            if own != wanted:
                give_up(f"gave {own} where {wanted} belongs")
                return original(*inputs, **options)
            agreed.add(form)
        if not exercise.part.startswith("ops."):
            return answer
        value, *gradients = answer
        watched = [gradient(i, g, inputs, options) for i, g in enumerate(gradients)]
        return value, *watched

    def gradient(i, own, inputs, options):
        shape = np.shape(inputs[i])

        def grad(g):
            try:
                answer = own(g)
            except Exception as error:
                give_up(f"raised {type(error).__name__} in a gradient, at {line_of(error, files)} ({error})")
            else:
                if stretches(shape, np.shape(answer)):
                    return answer
                give_up(f"gave a gradient of shape {np.shape(answer)} for an input of shape {shape}")
            return original(*inputs, **options)[1 + i](g)

        return grad

    part.exercise = exercise
    return part


def guarded_class(exercise, own, original):
    """The learner's class, watched: once a method of it raises, those of the library's class go on in its place."""
    files, broken = files_of(own), []

    def watched(name):
        @functools.wraps(getattr(original, name))
        def method(self, *inputs, **options):
            inputs = [list(x) if isinstance(x, Iterator) else x for x in inputs]  # so that both can walk it
            if not broken:
                try:
                    return getattr(own, name)(self, *inputs, **options)
                except Exception as error:
                    broken.append(True)
                    what = f"raised {type(error).__name__} at {line_of(error, files)} ({error})"
                    warn(exercise, f"{what}. The library's own goes on in its place")
            return getattr(original, name)(self, *inputs, **options)

        return method

    methods = [name for name, value in vars(own).items() if callable(value) and hasattr(original, name)]
    return type(original.__name__, (own,), {"exercise": exercise, **{name: watched(name) for name in methods}})


def spare(x):
    """A copy of a tensor without gradient, such as a running mean, which a second call would change once more."""
    return x.clone() if isinstance(x, Tensor) and not x.requires_grad else x


def shapes(x):
    """The shapes of arrays and tensors, in tuples and lists too (a list's sorted: its order is free); else the kind."""
    if isinstance(x, tuple | list):
        found = map(shapes, x)
        return tuple(found) if isinstance(x, tuple) else tuple(sorted(found, key=str))
    if hasattr(x, "shape"):
        return tuple(x.shape)
    return type(x).__name__ if not callable(x) else "function"


def warn(exercise, what):
    warnings.warn(f"your {exercise.name} ({exercise.chapter.name}) {what}.", PartWarning, stacklevel=3)
