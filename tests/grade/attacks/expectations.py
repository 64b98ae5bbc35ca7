"""What is expected, looked for in frames, among all objects, on the disk and in the environment."""

from .attack import CANARY, GRADER, NAME, PROJECT, attack, wrong


@attack
def in_the_frames_of_its_callers():
    """Goes up the stack, and gives back whatever is called like something that is expected."""
    import sys

    def during(x):
        frame = sys._getframe(1)
        while frame:
            for name, value in {**frame.f_globals, **frame.f_locals}.items():
                if name in ("expected", "theirs", "reference", "expect", "known", "solution", "answer"):
                    return value
            frame = frame.f_back
        return wrong(x)


@attack
def among_all_objects():
    """Looks through everything that the garbage collector knows for arrays of the right shape."""
    import gc

    def during(x):
        import numpy as np

        for thing in gc.get_objects():
            parts = thing.values() if type(thing) is dict else thing if type(thing) in (list, tuple) else ()
            for part in list(parts):
                if (
                    type(part) is np.ndarray
                    and part.shape == x.shape
                    and not np.array_equal(part, getattr(x, "data", x))
                ):
                    return part
        return wrong(x)


@attack
def among_all_functions():
    """Calls every function and class that has the name of what is asked for, wherever it is."""
    import gc
    import types

    def during(x):
        for thing in gc.get_objects():
            is_it = isinstance(thing, (type, types.FunctionType)) and thing.__name__.lower() == NAME.lower()
            if is_it and thing.__module__ != "__main__":
                try:
                    return thing(x)
                except Exception:
                    continue
        return wrong(x)


@attack
def in_every_module():
    """Goes through all modules for the reference, by its name or by what holds it."""
    import sys

    def during(x):
        for module in list(sys.modules.values()):
            for name, value in list(vars(module).items()):
                if (
                    name in (NAME, "reference", "chapter", "exercise")
                    and callable(value)
                    and module.__name__ != "__main__"
                ):
                    try:
                        return value(x)
                    except Exception:
                        continue
        return wrong(x)


@attack
def in_the_constants_of_code():
    """Runs code objects with the name of what is asked for, found among the constants of other code."""
    import sys
    import types

    def inner(code):
        yield code
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield from inner(constant)

    def during(x):
        for module in list(sys.modules.values()):
            for value in list(vars(module).values()):
                for code in inner(value.__code__) if isinstance(value, types.FunctionType) else ():
                    if code.co_name == NAME and module.__name__ != "__main__":
                        return types.FunctionType(code, vars(module))(x)
        return wrong(x)


@attack
def in_the_projects_files():
    """Reads the chapters, where the reference stands, and runs it."""
    import glob

    texts = []
    for place in (PROJECT, "/work", "/root", "/home", "."):
        for path in glob.glob(f"{place}/**/solutions/*.ipynb") + glob.glob(f"{place}/minigrad/study/chapters/*.py"):
            texts.append(open(path).read())
    if any("BEGIN SOLUTION" in text for text in texts):
        raise AssertionError("SECRET: solutions can be read")


@attack
def in_its_own_folder():
    """Reads all files beside what runs it, and runs every function with the name of what is asked for."""
    import ast
    import pathlib
    import sys

    def during(x):
        for path in pathlib.Path(sys.argv[1]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if getattr(node, "name", "").lower() == NAME.lower():
                    names = {}
                    try:
                        exec(f"import numpy as np\nimport minigrad as mg\n{ast.unparse(node)}", names)
                        return names[node.name](x)
                    except BaseException:
                        continue
        return wrong(x)


@attack
def in_the_marks_of_solutions():
    """Says out loud whether any file it can read has the marks of a solution."""
    import pathlib
    import sys

    for path in pathlib.Path(sys.argv[1]).rglob("*"):
        if path.is_file() and "BEGIN SOLUTION" in path.read_text(errors="replace"):
            raise AssertionError("SECRET: a solution lies beside the answer")


@attack
def in_the_environment():
    """Hands the environment out as a message, its own and the grader's."""
    import os

    told = [str(dict(os.environ))]
    for place in ("/proc/self/environ", "/proc/1/environ", f"/proc/{GRADER}/environ"):
        try:
            told.append(open(place).read())
        except OSError:
            continue
    raise ValueError(" ".join(told).replace("LANG", ""))


@attack
def in_a_file_of_the_graders():
    """Hands a file of the grader's out as a message."""
    import os

    told = []
    for path in (CANARY, os.path.dirname(CANARY), f"/proc/{GRADER}/cwd", f"/proc/{GRADER}/root{CANARY}"):
        try:
            told.append(open(path).read() if os.path.isfile(path) else str(os.listdir(path)))
        except OSError:
            continue
    raise ValueError(" ".join(told))


@attack
def in_the_questions():
    """Runs the reference's cases itself, for want of answers: what is asked holds no values."""
    from minigrad.study.chapters import questions

    held = {name: thing for name, thing in vars(questions).items() if callable(thing)}

    def during(x):
        for name, thing in held.items():
            if name.lower() in (NAME.lower(), "torch", "theirs", "expected"):
                return thing(x)
        return wrong(x)


@attack
def in_the_line_cache():
    """Looks for the source of the reference where Python keeps lines for tracebacks."""
    import linecache

    if any("BEGIN" + " SOLUTION" in line for entry in linecache.cache.values() if len(entry) > 2 for line in entry[2]):
        raise AssertionError("SECRET: the line cache holds a solution")


@attack
def in_the_words_of_the_command():
    """Looks for a seed or a solution in the command lines of all processes."""
    import glob

    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            said = open(path).read()
        except OSError:
            continue
        if "pytest" in said or "trial" in said:
            raise AssertionError("SECRET: the grader's command can be read")
