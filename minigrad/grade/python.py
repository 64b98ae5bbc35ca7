r"""A cell's text as Python, parsed: IPython's own syntax is taken out, and what is too much to parse is told.

    %matplotlib inline, !pip install x, relu?   ->  pass
    %time f()                                   ->  f()
    files = !ls                                 ->  files = None
    %%time, %%capture, %%prun                   ->  the rest of the cell
    %%bash, %%html and the like                 ->  nothing: the cell is no Python

Nothing is run. Python's own parser is safe from hostile text as long as there is not too much of it, and nothing in it
nests too deeply: both are counted here, in one pass over the text.
"""

import ast
import re
import textwrap
import warnings

TOKENS = 150_000  # in one notebook: a lesson has some thousands
BRACKETS = 80  # in one another
NESTING = 500  # operators within each other, in one expression; branches of an if

TOKEN = re.compile(
    r'''
      (?P<string>  """(?:[^"\\]++|\\.|"(?!""))*+(?:""")?+ | "(?:[^"\\\n]++|\\.)*+"?+
                 | \'\'\'(?:[^'\\]++|\\.|'(?!''))*+(?:\'\'\')?+ | '(?:[^'\\\n]++|\\.)*+'?+ )
    | (?P<comment> \#[^\n]*+ )
    | (?P<space>   [ \t\f]++ | \\\n )
    | (?P<newline> \n )
    | (?P<word>    \w++ )
    | (?P<open>    [(\[{] )
    | (?P<close>   [)\]}] )
    | (?P<comma>   [,;] )
    | (?P<sign>    . )
    ''',
    re.VERBOSE | re.DOTALL,
)
PREFIXES = {"not", "lambda", "else", "await", "yield"}

LINE = r"(?P<rest>(?:[^\n\\]++|\\\n|\\.)*+)"  # with the lines that continue it
MAGIC = re.compile(rf"(?P<before>[ \t]*+)(?P<mark>[%!?/;,]){LINE}")
ASSIGNED = re.compile(rf"(?P<before>[ \t]*+[\w.,\[\] \t]++=[ \t]*+)(?P<mark>[%!]){LINE}")
HELP = re.compile(r"(?P<before>[ \t]*+)(?P<mark>)(?P<rest>[^\n'\"\#?]++\?\??+[ \t]*+)(?=\n|\Z)")
TIMED = re.compile(r"(?:time|prun)\b(?:[ \t]+-\w+)*+[ \t]*+(?P<code>.*)", re.DOTALL)
CELL_MAGIC = re.compile(r"\s*+%%(?P<name>\w*)(?P<rest>[^\n]*+)\n?+")


class NotPython(Exception):
    """A cell cannot be parsed; the message says why."""


def parsed(source):
    """(text, tree) of a cell's Python. Raises NotPython."""
    text = dedented(body(source.replace("\r\n", "\n").replace("\r", "\n")))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on invalid escapes and the like: not the teacher's concern
            try:
                check_depth(text)
                return text, ast.parse(text)
            except (SyntaxError, NotPython):
                text = without_magics(text)
                check_depth(text)
                return text, ast.parse(text)
    except SyntaxError as error:
        raise NotPython(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, OverflowError, RecursionError, MemoryError, SystemError) as error:
        raise NotPython(str(error) or "too deeply nested") from None


def body(source):
    """A cell's text after the magics of the whole cell; nothing if they make it something else than Python."""
    while magic := CELL_MAGIC.match(source):
        if magic["name"] not in ("time", "capture", "prun"):
            return ""
        first = TIMED.match(magic["name"] + magic["rest"])
        source = (first["code"] if first else "") + "\n" + source[magic.end() :]
    return source


def dedented(text):
    """Text as IPython takes it: a common indentation and the prompts of pasted sessions are dropped."""
    start = text.lstrip("\n")
    if start[:1] in (" ", "\t"):
        text = textwrap.dedent(text)
    if start.lstrip().startswith(">>> "):
        text = re.sub(r"^(?:>>>|\.\.\.) ?", "", text, flags=re.MULTILINE)
    return text


def size(source):
    """How many tokens a cell has; TOKENS and one more if there are too many."""
    count = 0
    for token in TOKEN.finditer(source):
        count += token.lastgroup not in ("space", "comment", "newline")
        if count > TOKENS:
            break
    return count


def check_depth(text):
    """Raise NotPython if something in Python text nests so deeply that parsing it is a risk."""
    levels, total, branches = [0], 0, 0  # operators since the last comma, in each open bracket, and in all of them
    for token in TOKEN.finditer(text):
        what = token.lastgroup
        if what == "open":
            levels.append(0)
        elif what == "close" and len(levels) > 1:
            total -= levels.pop()
        elif what == "comma" or (what == "newline" and len(levels) == 1):
            total -= levels[-1]
            levels[-1] = 0
        branches += token[0] == "elif"
        if what in ("sign", "close") or (what == "word" and token[0] in PREFIXES):
            levels[-1] += 1
            total += 1
        if len(levels) > BRACKETS or total > NESTING or branches > NESTING:
            raise NotPython("too deeply nested")


def without_magics(text):
    """Python text for a cell: where IPython's own syntax stands at the start of a line, something that does nothing."""
    pieces, place, depth, fresh = [], 0, 0, True
    while place < len(text):
        if fresh and (magic := MAGIC.match(text, place) or ASSIGNED.match(text, place) or HELP.match(text, place)):
            pieces.append(magic["before"] + instead(magic) + "\n" * magic["rest"].count("\n"))
            place = magic.end()
        token = TOKEN.match(text, place)
        if token is None:
            break
        what = token.lastgroup
        depth = max(0, depth + (what == "open") - (what == "close"))
        fresh = what == "newline" and depth == 0
        pieces.append(token[0])
        place = token.end()
    return "".join(pieces)


def instead(magic):
    """What stands in for a magic: the code that it times, or nothing."""
    timed = TIMED.match(magic["rest"]) if magic["mark"] == "%" else None
    if timed and timed["code"].strip():
        return timed["code"]
    return "None" if "=" in magic["before"] else "pass"
