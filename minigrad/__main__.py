"""The command line: `python -m minigrad`, or `minigrad` for short.

A command is a module with a `main(words)`, imported when it is asked for; it gets the words that follow its name. With
`--parts` among them it runs on the learner's own parts.
"""

import contextlib
import importlib
import sys

COMMANDS = {
    "cifar10": ("minigrad.cifar10", "train the CNN of chapter 11 on CIFAR-10"),
    "grade": ("minigrad.grade.command", "grade your own notebooks, or a class's"),
    "proof": ("minigrad.study.proof", "show that the exercises are judged as they should be"),
    "doctor": ("minigrad.study.doctor", "say whether this machine has what minigrad needs"),
}


def usage():
    lines = [f"  {name:10}{what}" for name, (_, what) in COMMANDS.items()]
    parts = "with --parts, a command runs on the parts that your answers to exercises have become"
    return "\n".join(["usage: python -m minigrad COMMAND [--help] [--parts]", "", *lines, "", parts])


def main(words=None):
    """Run the command that `words` (or the command line) names; returns its exit status."""
    words = sys.argv[1:] if words is None else words
    if not words or words[0] in ("-h", "--help"):
        print(usage())
        return 0
    name, *rest = words
    if name not in COMMANDS:
        print(f"minigrad: no command {name!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    module, _ = COMMANDS[name]
    with on_own_parts() if "--parts" in rest else contextlib.nullcontext():
        return importlib.import_module(module).main([word for word in rest if word != "--parts"])


@contextlib.contextmanager
def on_own_parts():
    """Say which places of the library are the learner's own, and run it on them."""
    from .study.parts import my_parts, using

    parts = my_parts()
    print(parts)
    with using(parts):
        yield


if __name__ == "__main__":
    sys.exit(main())
