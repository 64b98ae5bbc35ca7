"""The source of an answer that runs without the notebook it was written in: with its imports, helpers and constants."""

import ast
import dis
import inspect
import linecache
import textwrap
import types


class NotPortable(Exception):
    """An answer needs something that cannot be written down; the message says what."""


def portable(answer):
    """Text that, run anywhere, defines `answer` (a function or class) and all it uses."""
    imports, texts = {}, {}
    collect(answer.__name__, answer, answer.__module__, imports, texts)
    return "\n\n".join(["\n".join(sorted(imports.values())) + "\n", *filter(None, texts.values())]).lstrip("\n")


def collect(name, thing, home, imports, texts):
    """Note how `thing`, called `name`, can be had again: by an import, or by its text after that of what it uses.

    home: the module the answer was written in; what else was written there goes along.
    """
    if isinstance(thing, types.ModuleType):
        imports[name] = f"import {thing.__name__}" + (f" as {name}" if thing.__name__ != name else "")
    elif is_plain(thing):
        texts[name] = f"{name} = {thing!r}\n"
    elif getattr(thing, "__module__", None) not in (None, home) and hasattr(thing, "__name__"):
        own = thing.__name__
        imports[name] = f"from {thing.__module__} import {own}" + (f" as {name}" if own != name else "")
    elif isinstance(thing, types.FunctionType | type):
        texts[name] = ""  # it may use itself
        text, known = source(name, thing)
        for used in global_names(compile(text, name, "exec")):
            if used in known and used not in texts and used not in imports:
                collect(used, known[used], home, imports, texts)
        del texts[name]
        texts[name] = text  # now, after what it uses
    else:
        raise NotPortable(f"it uses {name} (a {type(thing).__name__}), which only this notebook has")


def source(name, thing):
    """(the text that defines a function or class under this name, the global names it may use)."""
    methods = [f for f in vars(thing).values() if isinstance(f, types.FunctionType)] if isinstance(thing, type) else []
    function = next(iter(methods), thing)
    try:
        text = class_text(thing, methods[0]) if methods else textwrap.dedent(inspect.getsource(thing))
        ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        raise NotPortable(f"the source of {name} cannot be found") from None
    return text, getattr(function, "__globals__", {})


def class_text(thing, method):
    """A class's text, found by where a method of it is: before Python 3.13, `inspect` finds no class of a cell."""
    text = "".join(linecache.getlines(method.__code__.co_filename))
    found = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef) and node.name == thing.__name__
    ]
    if not found:
        raise OSError(f"no class {thing.__name__} there")
    return textwrap.dedent(" " * found[-1].col_offset + ast.get_source_segment(text, found[-1]))


def global_names(code):
    """The names that code, and the functions defined in it, look up outside of themselves."""
    inside = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    found = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    names = [*found, *(name for part in inside for name in global_names(part))]
    return [name for name in dict.fromkeys(names) if not name.startswith("__")]  # a class asks for __name__


def is_plain(thing):
    """Whether its repr makes it again."""
    if isinstance(thing, tuple | list):
        return all(map(is_plain, thing))
    if isinstance(thing, dict):
        return all(is_plain(key) and is_plain(value) for key, value in thing.items())
    return isinstance(thing, bool | int | float | str | type(None))
