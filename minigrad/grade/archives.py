"""The files in an archive, one after another, without a byte of them ever written to disk.

    members(file, name)  ->  Member after Member: a path, a time, and a way to its bytes, or what is wrong with it

What an archive says of itself may be a lie: sizes are counted while reading. A bad member costs itself; what is wrong
with the archive as a whole is Unreadable.
"""

import bz2
import gzip
import io
import lzma
import re
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from .reader import Unreadable

BYTES = 64 << 20  # of a member
STREAM = 4 << 30  # of all of a class's tar, read or skipped
RATIO = 100  # to one, for members of more than a megabyte
DIRECTORY = 256  # a zip's table of contents may have a 256th of what a tar may have
NAME = 1024  # characters of a path
BLOCK = 512  # bytes; all of a tar comes in these
LZMA_MEMORY = 128 << 20

SUFFIXES = re.compile(r"\.(zip|tar|tar\.gz|tgz|tar\.bz2|tbz2?|tar\.xz|txz)$", re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """A file in an archive. `problem`: why it is not to be read; `read(limit)` gives its bytes or raises Unreadable."""

    path: str
    time: float = 0.0
    problem: str = ""
    read: Callable[[int], bytes] | None = None


def is_archive(name):
    return SUFFIXES.search(name) is not None


def stem(name):
    """An archive's name without what says its kind."""
    return SUFFIXES.sub("", name)


def members(file, name, limit=STREAM):
    """The members of an open archive, in order. `limit`: the bytes to go through in a tar. Raises Unreadable.

    A folder is a member too, with a path that ends in /.
    """
    kind = SUFFIXES.search(name)[1].lower()
    try:
        yield from zipped(file, limit) if kind == "zip" else tarred(file, limit)
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable("the archive needs too much memory") from None
    except Exception as error:  # on hostile archives the standard library raises nearly anything
        raise broken("the archive is broken", error) from None


def broken(what, error):
    return Unreadable(f"{what} ({type(error).__name__}: {str(error)[:100]})")


def too_large(limit):
    return Unreadable(f"it is larger than {limit >> 20 or 1} MB when unpacked")


# ---- zip ----


def zipped(file, limit):
    check_directory(file, limit // DIRECTORY)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            problem = "" if info.is_dir() else zip_problem(info)
            yield Member(zip_name(info), zip_time(info), problem, zip_reader(archive, info))


def check_directory(file, limit):
    """Raise Unreadable if a zip's table of contents is too long to be read at once."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - 70_000))
    tail = file.read(70_000)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise Unreadable("the archive is no zip, or its end is missing")
    length = struct.unpack_from("<L", tail, at + 12)[0]
    at64 = tail.rfind(b"PK\6\6", 0, at)
    if length == 0xFFFFFFFF and at64 >= 0 and len(tail) >= at64 + 56:
        length = struct.unpack_from("<Q", tail, at64 + 40)[0]
    if length > limit:
        raise Unreadable(f"the archive has too many files: its table of contents is larger than {limit >> 20} MB")
    file.seek(0)


def zip_name(info):
    """A member's path. Some programs write UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return info.orig_filename


def zip_time(info):
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def zip_problem(info):
    mode = info.external_attr >> 16
    if info.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or device, which is not followed"
    if info.flag_bits & 1:
        return "it is encrypted"
    return ""


def zip_reader(archive, info):
    def read(limit):
        if info.file_size > limit:
            raise too_large(limit)
        ratio_limit = max(1 << 20, RATIO * info.compress_size)
        try:
            with archive.open(info) as member:
                data = member.read(min(limit, ratio_limit) + 1)
        except Exception as error:  # as in members()
            raise broken("it is broken in the archive", error) from None
        if len(data) > ratio_limit:
            raise Unreadable(f"it is packed more than {RATIO} to 1, as bombs are")
        if len(data) > limit:
            raise too_large(limit)
        return data

    return read


# ---- tar ----


class Counted:
    """A stream that is read forwards only, and that ends with Unreadable when there is too much in it."""

    def __init__(self, stream, limit):
        self.stream, self.left = stream, limit

    def read(self, count):
        """`count` bytes, or fewer at the end."""
        self.left -= count
        if self.left < 0:
            raise Unreadable("the archive has too much in it: what comes after this was not read")
        pieces = []
        try:
            while count > 0 and (piece := self.stream.read(min(count, 1 << 20))):
                pieces.append(piece)
                count -= len(piece)
        except Exception as error:  # as in members(), which is not there while a member is read
            raise broken("the archive is broken here", error) from None
        return b"".join(pieces)

    def skip(self, count):
        while count > 0:
            step = min(count, 1 << 20)
            if len(self.read(step)) < step:
                raise Unreadable("the archive ends in the middle of a file")
            count -= step


def opened(file):
    """The stream inside of a compressed tar, told by its first bytes; a plain tar as it is."""
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if start == b"\xfd7zXZ\0":
        try:
            lzma.LZMADecompressor(memlimit=LZMA_MEMORY).decompress(file.read(1 << 16), 1)
        except lzma.LZMAError as error:
            raise Unreadable(f"the archive is broken, or needs too much memory ({error})") from None
        file.seek(0)
        return lzma.LZMAFile(file)
    return file


def tarred(file, limit):
    """The members of a tar. Its headers are read here: they are few fields, and their lengths are in our hands."""
    stream = Counted(opened(file), limit)
    long_name, first = None, True
    while len(header := stream.read(BLOCK)) == BLOCK and header.strip(b"\0"):
        if not is_header(header):
            raise Unreadable("the archive is no tar" if first else "the archive is broken: what follows is no file")
        first, length, kind = False, number(header[124:136]), header[156:157]
        padded = -(-length // BLOCK) * BLOCK
        if kind in (b"L", b"x"):  # a long name for the next member, as GNU or as POSIX has it
            if length > 1 << 16:
                raise Unreadable("the archive is broken: a header is larger than 64 kB")
            data = stream.read(padded)[:length]
            long_name = data.rstrip(b"\0") if kind == b"L" else pax_path(data) or long_name
            continue
        if kind in (b"K", b"g", b"V"):
            stream.skip(padded)
            continue
        name, long_name = long_name or header_name(header), None
        problem = (
            "" if kind in (b"0", b"\0", b"7", b"5") else "it is a link or device in an archive, which is not followed"
        )
        reader = TarReader(stream, 0 if kind in (b"1", b"2", b"3", b"4", b"6") else length)
        name += b"/" if kind == b"5" and not name.endswith(b"/") else b""
        yield Member(text_of(name), float(min(number(header[136:148]), 1 << 40)), problem, reader)
        reader.finish()
    if first:
        raise Unreadable("the archive is empty, or no tar")


class TarReader:
    """Gives a member's bytes once, while the stream stands before them; `finish` goes to what follows."""

    def __init__(self, stream, length):
        self.stream, self.length, self.is_done = stream, length, False

    def __call__(self, limit):
        if self.length > limit:
            raise too_large(limit)
        self.is_done = True
        data = self.stream.read(-(-self.length // BLOCK) * BLOCK)[: self.length]
        if len(data) < self.length:
            raise Unreadable("the archive ends in the middle of this file")
        return data

    def finish(self):
        if not self.is_done:
            self.stream.skip(-(-self.length // BLOCK) * BLOCK)


def is_header(header):
    """Whether the checksum of a header is right: the sum of its bytes, with its own field as spaces."""
    return number(header[148:156]) == sum(header[:148]) + sum(header[156:]) + 8 * ord(" ")


def number(field):
    """A number of a header: octal digits, or binary if the first bit is set. Negative ones count as 0."""
    if field[0] & 0x80:
        return 0 if field[0] & 0x40 else int.from_bytes(bytes([field[0] & 0x3F]) + field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else 0


def header_name(header):
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    return prefix + b"/" + name if header[257:262] == b"ustar" and header[262:263] == b"\0" and prefix else name


def pax_path(data):
    """The path in a POSIX extended header, which is lines of `length key=value`, or None."""
    place, path = 0, None
    while (space := data.find(b" ", place, place + 10)) > 0 and data[place:space].isdigit():
        end = place + int(data[place:space])
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        path = value if key == b"path" else path
        place = max(end, space)
    return path


def text_of(name):
    return name.decode("utf-8", "surrogateescape")
