"""What runs in the sandbox beside an answer: it asks the answer what it is told to ask, and sends back what came.

It knows no expected value and no verdict. All that it says is believed no more than the answer itself, since the answer
could have said it. `child.py FOLDER SHELF`: what `library` made, and where NumPy is. Frames as `wire` writes them:

    ->  {"answer": text, "name": ..., "labels": [...]}     <-  {"defined": true} or {"error": [...], "line": ...}
    ->  {"tag": ..., "case": number, "seed": ...}          <-  {"tag": ..., "seen": [...], "error": ..., ...}
        or, where they can be sent, "inputs" and "options" in place of the case's number
"""

import os
import sys
from functools import cache


def main(folder, shelf):
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what the answer prints goes where nobody parses it
    sys.stdout = sys.stderr
    sys.path[:0] = [folder, shelf]
    sys.setrecursionlimit(3000)

    from minigrad.grade import wire
    from minigrad.study.chapters import questions as asked

    def receive():
        head = questions.read(4)
        if len(head) < 4:
            os._exit(0)
        return wire.opened(questions.read(wire.length(head)))

    def send(line, body=b""):
        answers.write(wire.frame(line, body))
        answers.flush()

    job, _ = receive()
    function, trouble = defined(job["answer"], job["name"])
    if trouble:
        send(trouble)
        return
    send({"defined": True})
    while True:
        question, body = receive()
        send(*reply(wire, asked, function, job["labels"], question, body))


def defined(text, name):
    """(what the answer's text defines under this name, None), or (None, how it failed)."""
    import linecache

    from minigrad.study.guard import line_of

    file = "<your answer>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {"__name__": "__main__"}
    try:
        exec(compile(text, file, "exec"), names)
        return names[name], None
    except BaseException as error:
        return None, {"error": told(error), "line": line_of(error, {file})}


def reply(wire, asked, function, labels, question, body):
    """The line and the body that answer a question."""
    from minigrad.check.case import Case
    from minigrad.study.trying import tried

    if "inputs" in question:
        sent = wire.Parts(body)
        case = Case("", "", tuple(sent.get(question["inputs"])), sent.get(question["options"]))
    else:
        case = cases_of(asked, question["seed"])[question["case"]]
    look = getattr(asked.RUN, "observe", asked.RUN)
    found = tried(look, labels, function, case, question["seed"], seconds=question["seconds"])
    parts = wire.Parts()
    seen = [[str(name), parts.put(value)] for name, value in found.seen]
    line = {"tag": question["tag"], "seen": seen, "error": found.error and told(found.error), "line": found.line}
    return {**line, "printed": list(found.printed), "changed": found.changed}, parts.body


@cache
def cases_of(asked, seed):
    return asked.cases(seed)


def told(error):
    """An error as [type, message]; of some, the message cannot be had."""
    try:
        return [type(error).__name__, str(error)[:500]]
    except BaseException:
        return [type(error).__name__, ""]


if __name__ == "__main__":
    main(*sys.argv[1:])
