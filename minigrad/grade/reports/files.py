"""Writing a folder of reports: each file whole or not at all, and nothing taken away that is not ours.

`reports.json` says what was written, as {name: hashes}. It is written before the reports and after them, so that at
any moment every report that lies there is in it.
"""

import contextlib
import hashlib
import json
import os

LIST = "reports.json"


def write_all(out, files):
    """Write {name: bytes} into the folder `out`, and take away what was written for somebody who is there no more."""
    out.mkdir(parents=True, exist_ok=True)
    new = {name: [hashlib.sha256(data).hexdigest()] for name, data in files.items()}
    old = written(out)
    replace(out / LIST, listed({name: sorted({*old.get(name, ()), *new.get(name, ())}) for name in {**old, **new}}))
    for name, data in files.items():
        replace(out / name, data)
    for name in old.keys() - new.keys():
        remove(out, name, old[name])
    replace(out / LIST, listed(new))


def written(out):
    """What `reports.json` says; {} where there is none, or not one of ours: then nothing is known to be ours."""
    try:
        found = json.loads((out / LIST).read_bytes())
        return {str(name): [str(one) for one in hashes] for name, hashes in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def listed(known):
    return (json.dumps(known, indent=1, sort_keys=True) + "\n").encode()


def replace(path, data):
    """The whole of `data` or, should anything stop it, what was there before.

    The disk is not waited for: reports that are lost with the power are made from the journal again.
    """
    new = path.with_name(path.name + ".new")
    if path.is_file() and path.read_bytes() == data:
        new.unlink(missing_ok=True)  # left by one who was stopped here
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new.write_bytes(data)
    os.replace(new, path)


def remove(out, name, hashes):
    """Remove a report if it is as it was written, and its folder if that is empty then."""
    path = out / name
    if out.resolve() not in path.resolve().parents:
        return
    path.with_name(path.name + ".new").unlink(missing_ok=True)
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in hashes:
        path.unlink()
    if path.parent != out:
        with contextlib.suppress(OSError):  # it is not empty
            path.parent.rmdir()
