"""A result, as `python -m benchmarks` writes it in JSON, as a table in Markdown."""

from .turns import LIBRARIES


def markdown(result):
    """The whole of it: what ran on what, the race, and how costs grow."""
    sections = [f"# minigrad beside PyTorch, on {result['machine']['device']}\n", about(result), race(result["rows"])]
    if result["growth"]:
        sections += ["## Growth\n\nTime over size, so that a cost that grows as the work does stays the same.\n"]
        sections += [growth(result["growth"])]
    return "\n".join(sections)


def about(result):
    machine, versions, settings = (result[part] for part in ("machine", "versions", "settings"))
    facts = [
        f"{machine['processor']}, {settings['threads']} threads; {machine['system']}; Python {machine['python']}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"medians of {settings['rounds']} rounds; ratios are medians of those of each round, with their middle half",
    ]
    return "".join(f"- {fact}\n" for fact in facts)


def race(rows):
    """A line for every row: the time of each library, and how minigrad's compares with PyTorch's."""
    names = [name for name in LIBRARIES if any(name in row["found"] for row in rows)]
    others = [name for name in names if name not in ("minigrad", "torch")]
    head = ["", "minigrad", "PyTorch", "minigrad / PyTorch", "goal", *(LIBRARIES[name] for name in others)]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for row in rows:
        cells = [shown(row, name) for name in ("minigrad", "torch")]
        goal = f"≤ {row['goal']}" if row["goal"] else ""
        lines.append([row["name"], *cells, compared(row, "torch"), goal, *(shown(row, name) for name in others)])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def compared(row, other):
    if other not in row["ratios"]:
        return ""
    return "**{median:.2f}** ({low:.2f}–{high:.2f})".format(**row["ratios"][other])


def shown(row, name):
    """The median of a library's numbers, with a unit in which it is easy to read."""
    if name not in row["medians"]:
        return ""
    value, units = row["medians"][name], UNITS[row["measure"]]
    size, unit = next((pair for pair in units if value >= pair[0]), units[-1])
    return f"{three_digits(value / size)} {unit}"


UNITS = {
    "seconds": [(1, "s"), (1e-3, "ms"), (1e-6, "µs")],
    "bytes": [(2**20, "MiB")],
}


def three_digits(value):
    """
    >>> [three_digits(value) for value in (0.1234, 9.876, 12.34, 1234.5)]
    ['0.12', '9.88', '12.3', '1234']
    """
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def growth(rows):
    """Microseconds per picture, or per op, of minigrad and of PyTorch."""
    lines = ["| | minigrad | PyTorch |\n|---|---:|---:|\n"]
    for row in rows:
        (size,) = row["options"].values()
        each = [f"{three_digits(1e6 * row['medians'][name] / size)} µs" for name in ("minigrad", "torch")]
        lines.append(f"| {row['name']} | {' | '.join(each)} |\n")
    return "".join(lines)
