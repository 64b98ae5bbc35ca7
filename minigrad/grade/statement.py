"""What one statement of a notebook does with names: which it gives a value, which it changes, which it uses, and when.

Python's own symbol tables say which names are looked up where: an argument called x is not the notebook's x.
"""

import ast
import builtins
import importlib
import symtable
import warnings
from dataclasses import dataclass, field

from ..study import __all__ as COURSE
from .python import NotPython

STARS = ("cmath", "collections", "functools", "itertools", "math", "numpy", "operator", "random", "typing")
CHANGING = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "register", "remove"),
    *("reverse", "setdefault", "sort", "update"),
}
AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}  # functions for Python, but not for who writes them
NO_FUNCTION = (
    *(ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.BinOp, ast.Compare, ast.UnaryOp),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Statement:
    """A statement at the top of a cell.

    text        as it was written
    gives       names that it defines                 data      those of them that are no function or class
    changes     names whose value it changes          sets_parts  those of them of which it sets a part, as in f.x = 1
    stars       names that come by a star import; "*" if it is not known which do
    uses        names that it looks up when it runs   later     names that functions in it look up when they are called
    sets        names that functions in it make global        calls     the function that it calls, and does no more
    is_sure     whether it gives what it gives each time it runs, and does not need what was there before
    """

    text: str
    gives: set = field(default_factory=set)
    data: set = field(default_factory=set)
    changes: set = field(default_factory=set)
    sets_parts: set = field(default_factory=set)
    stars: set = field(default_factory=set)
    uses: set = field(default_factory=set)
    later: set = field(default_factory=set)
    sets: set = field(default_factory=set)
    calls: str = ""
    is_sure: bool = True
    is_future: bool = False

    @property
    def binds(self):
        return self.gives | self.changes

    def settles(self, name):
        """Whether what `name` was before this does not matter any more."""
        return self.is_sure and (name in self.gives or name in self.stars) and name not in self.uses | self.changes


def statements(text, tree):
    """The Statements of a cell's text. Raises NotPython."""
    lines = text.encode().split(b"\n")  # not splitlines: Python knows no other ends of lines, and counts bytes
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [one for node in tree.body for one in of(node, lines)]
    except SyntaxError as error:
        raise NotPython(error.msg) from None
    except (ValueError, RecursionError, MemoryError, SystemError) as error:
        raise NotPython(str(error) or "too deeply nested") from None


def of(node, lines):
    """The Statements of a top-level node: one, or one for each name of an import."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [imported(node, alias) for alias in node.names]
    one = Statement(source(node, lines))
    look_up(one)
    for inner in here(node):
        bind(one, inner)
    for inner in here(node):
        change(one, inner)
    if isinstance(node, ast.Assign) and isinstance(node.value, NO_FUNCTION):
        one.data = {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign):
        one.data = {inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name)}
    one.is_sure = not (isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.Match) or may_not_happen(node))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
        one.calls = node.value.func.id
    return [one]


def may_not_happen(node):
    return isinstance(node, ast.If) and not node.orelse and not is_true(node.test)


def is_true(test):
    """Whether a condition holds wherever a notebook runs."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if not isinstance(test, ast.Compare) or len(test.comparators) > 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = {getattr(side, "id", getattr(side, "value", None)) for side in (test.left, *test.comparators)}
    return sides == {"__name__", "__main__"}


def imported(node, alias):
    """The Statement of one name of an import, so that `import torch, numpy` can be taken in part."""
    asked = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
    if isinstance(node, ast.Import):
        name = alias.asname or alias.name.partition(".")[0]
        # import a.b adds to a that was imported before
        return Statement(f"import {asked}", {name}, is_sure=bool(alias.asname) or "." not in alias.name)
    module = "." * node.level + (node.module or "")
    one = Statement(f"from {module} import {asked}", is_future=module == "__future__")
    if alias.name != "*":
        one.gives = {alias.asname or alias.name}
    elif module in STARS:
        found = importlib.import_module(module)
        one.stars = set(getattr(found, "__all__", [name for name in vars(found) if not name.startswith("_")]))
    elif module != "minigrad.study":
        one.stars, one.is_sure = {"*"}, False
    return one


# ---- text ----


def source(node, lines):
    """The text of a top-level node, with its decorators, and with `edits` made."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    start = node.col_offset if first == node.lineno - 1 else 0
    if node.lineno == node.end_lineno:  # of a long line, perhaps, with much else on it
        chosen = [*lines[first : node.lineno - 1], lines[node.lineno - 1][start : node.end_col_offset]]
        shift = start
    else:
        chosen = lines[first : node.end_lineno]
        chosen[-1] = chosen[-1][: node.end_col_offset]
        shift = 0
    for inner, text in reversed(edits(node)):
        top, bottom = inner.lineno - 1 - first, inner.end_lineno - 1 - first
        chosen[top] = chosen[top][: inner.col_offset - shift] + text + chosen[bottom][inner.end_col_offset - shift :]
        chosen[top + 1 : bottom + 1] = [b""] * (bottom - top)
    chosen[0] = chosen[0][start - shift :]
    return b"\n".join(chosen).decode()


def edits(node):
    """[(inner node, what to write in its place)] of a block, in order: so that it does the same where it is graded.

    Calls of the course's functions, such as check(f) below `if True:`, are left out, and __name__ is "__main__".
    """
    made = []
    for inner in here(node):
        if isinstance(inner, ast.If) and is_true(inner.test):
            made.append((inner.test, b"True"))
        is_call = inner is not node and isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call)
        if is_call and isinstance(inner.value.func, ast.Name) and inner.value.func.id in COURSE:
            made.append((inner, b"pass"))
    return sorted(made, key=lambda edit: (edit[0].lineno, edit[0].col_offset))


# ---- names ----


def here(node):
    """The nodes inside of one that run when it runs: not the bodies of functions and classes."""
    work = [node]
    while work:
        inner = work.pop()
        yield inner
        if isinstance(inner, (*FUNCTIONS, ast.ClassDef)):
            work += inner.decorator_list
        elif isinstance(inner, ast.comprehension):
            work += [inner.iter, *inner.ifs]
        elif not isinstance(inner, ast.Lambda):
            work += ast.iter_child_nodes(inner)


def bind(one, node):
    """Note the names that a node gives a value."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        one.gives.add(node.name)
    elif isinstance(node, ast.alias):
        one.gives.add((node.asname or node.name).partition(".")[0])
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        one.gives.add(node.id)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        one.gives.add(node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        one.gives.add(node.rest)


def change(one, node):
    """Note the names whose values a node changes: T[0] = 1, f.x = 1, T.append(1), @f.register, x += 1, del sum."""
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        changed(one, node)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        one.uses.add(node.target.id)
    elif isinstance(node, ast.AnnAssign) and node.value is None and isinstance(node.target, ast.Name):
        one.gives.discard(node.target.id)  # x: int gives nothing
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del) and hasattr(builtins, node.id):
        one.changes.add(node.id)  # the built-in is back
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
        changed(one, node.args[0] if node.args else node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute) and function.attr in CHANGING:
            changed(one, function, of_part=function.attr == "register")  # Adam.update(...) may be a test of it
    elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for decorator in node.decorator_list:
            decorator = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(decorator, ast.Attribute) and decorator.attr in CHANGING:
                changed(one, decorator)


def changed(one, node, of_part=True):
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        one.changes.add(node.id)
        one.sets_parts |= {node.id} if of_part else set()


def look_up(one):
    """Note the names that a statement looks up, now or later, by Python's symbol tables."""
    table = symtable.symtable(one.text, "<a cell>", "exec")
    one.uses |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    work = [(child, False) for child in table.get_children()]
    while work:
        table, is_later = work.pop()
        is_later = is_later or (table.get_type() == "function" and table.get_name() not in AT_ONCE)
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if symbol.is_declared_global() and symbol.is_assigned():
                one.sets.add(name)
                one.later.add(name)
            if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "class"):
                (one.later if is_later else one.uses).add(name)
        work += [(child, is_later) for child in table.get_children()]
