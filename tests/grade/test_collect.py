"""Submissions are found in every layout, and what is hostile in one costs its own student only."""

import io
import os
import socket
import stat
import struct
import tarfile
import time
import zipfile

import pytest

from minigrad.grade import archives, collect, layouts
from minigrad.grade.collect import collect as collected
from minigrad.grade.collect import shown

NOTEBOOK = b'{"cells": []}'


def folder(path, *names, **contents):
    """A folder with files of these names in it, all of them notebooks unless something else is given."""
    path.mkdir(exist_ok=True)
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(contents.get(name, NOTEBOOK))
    return path


def zipped(*names, **contents):
    """The bytes of a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, contents.get(name, NOTEBOOK) if isinstance(name, str) else NOTEBOOK)
    return file.getvalue()


def tarred(*names, mode="w", **contents):
    """The bytes of a tar archive; a TarInfo stands for itself."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name in names:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = contents.get(info.name, NOTEBOOK) if info.isreg() else b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def students(*paths):
    return [row.student for row in collected(list(paths))]


def outcome(*paths):
    """{label: problem, or "read"} of what is found."""
    return {
        row.label: row.problem or "read" for row in collected(list(paths)) if (row.data is None) == bool(row.problem)
    }


LAYOUTS = {
    "a folder of notebooks": ["ada_04_backprop.ipynb", "04_backprop_bob.ipynb", "eve.ipynb"],
    "with other signs between": ["ada 04-backprop.ipynb", "04.backprop-bob (2).ipynb.json", "eve-04_backprop-1.ipynb"],
    "a folder per student": ["ada/04_backprop.ipynb", "bob/homework.ipynb", "eve/notebooks/04_backprop.ipynb"],
    "nbgrader": [f"submitted/{name}/04_backprop/04_backprop.ipynb" for name in ("ada", "bob", "eve")],
    "nbgrader's course": [
        *[f"submitted/{name}/04_backprop/04_backprop.ipynb" for name in ("ada", "bob", "eve")],
        *("source/04_backprop/04_backprop.ipynb", "autograded/ada/04_backprop/04_backprop.ipynb"),
    ],
    "GitHub Classroom": [f"04-backprop-{name}/exercises/04_backprop.ipynb" for name in ("ada", "bob", "eve")],
    "GitHub's clone": [
        f"04-backprop-submissions/04-backprop-{name}/04_backprop.ipynb" for name in ("ada", "bob", "eve")
    ],
    "a folder in a folder": [f"class/{name}/04_backprop.ipynb" for name in ("ada", "bob", "eve")],
    "notebooks in a folder": ["class/ada.ipynb", "class/bob.ipynb", "class/eve.ipynb"],
}


@pytest.mark.parametrize("way", ["folder", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_students_are_found_in_every_layout(tmp_path, layout, way):
    names = LAYOUTS[layout]
    if way == "folder":
        found = collected([folder(tmp_path / "all", *names)])
    else:
        mode = "w:" + way.partition(".")[2]
        data = zipped(*names) if way == "zip" else tarred(*names, mode=mode)
        (tmp_path / f"class.{way}").write_bytes(data)
        found = collected([tmp_path / f"class.{way}"])

    rows = [(row.student.removesuffix(" (2)"), row.data, row.problem) for row in found]
    assert rows == [(name, NOTEBOOK, "") for name in ("ada", "bob", "eve")]
    place = "" if way == "folder" else f"class.{way}!"
    assert {row.label for row in found} <= {place + name for name in names}


def test_canvas_names_students_and_numbers_what_they_hand_in(tmp_path):
    names = [
        "lovelaceada_12345_67890_04_backprop.ipynb",
        "lovelaceada_LATE_12345_67999_04_backprop-1.ipynb",
        "lovelaceadam_12346_67891_babbagecharles_777_888_04_backprop.ipynb",  # an own name with another's in it
        "textonly_12347_text.html",
        "pdfonly_12348_67892_homework.pdf",
    ]
    (tmp_path / "download.zip").write_bytes(zipped(*names))
    rows = collected([tmp_path / "download.zip"])

    assert [(row.student, row.order, row.problem) for row in rows] == [
        ("lovelaceada_12345", 67890, ""),
        ("lovelaceada_12345", 67999, ""),
        ("lovelaceadam_12346", 67891, ""),
        ("pdfonly_12348", 0, "no notebook"),
        ("textonly_12347", 0, "no notebook"),
    ]
    assert students(folder(tmp_path / "unpacked", *names)) == [row.student for row in rows]


METADATA = b"""---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '11'
    :email: ada@example.org
  - :name: 'Bob'
    :sid: ''
    :email:
  :created_at: 2026-01-01 00:00:00.000000000 Z
  :results:
    tests:
    - output: |-
        submission_2:
          :submitters:
          - :name: eve
submission_2:
  :submitters:
  - :name: Charles
    :sid: 22
  :history: []
"""


@pytest.mark.parametrize("above", ["", "assignment_7_export/"])
def test_gradescope_tells_names_in_a_file_of_its_own_and_groups_share_a_submission(tmp_path, above):
    names = [
        f"{above}{name}" for name in ("submission_1/04_backprop.ipynb", "submission_2/a.ipynb", "submission_3/b.ipynb")
    ]
    forged = f"{above}submission_3/submission_metadata.yml"
    metadata = {f"{above}submission_metadata.yml": METADATA, forged: METADATA.replace(b"Charles", b"eve")}
    (tmp_path / "export.zip").write_bytes(zipped(*names, *metadata, **metadata))

    expected = ["22", "Bob", "ada@example.org", "submission_3"]
    assert students(tmp_path / "export.zip") == expected
    assert students(folder(tmp_path / "unpacked", *names, *metadata, **metadata)) == expected


def test_metadata_of_any_kind_is_read_without_an_error():
    for data in (
        b"",
        b"\xff\0",
        METADATA[:150],
        b"submission_1:\n  :submitters:\n" + b"  - :name:\n" * 9,
        b":" * 10**6,
    ):
        layouts.people_in(data)


def test_one_file_one_folder_and_many_paths_at_once(tmp_path):
    place = folder(tmp_path / "ada", "04_backprop.ipynb", "05_losses.ipynb")
    folder(tmp_path / "bob", "04_backprop.ipynb")

    assert students(place) == students(place / "04_backprop.ipynb", place / "05_losses.ipynb") == ["ada", "ada"]
    assert students(place / "04_backprop.ipynb") == ["ada"]
    assert students(place, tmp_path / "bob") == ["ada", "ada", "bob"]
    assert students(place / "04_backprop.ipynb", tmp_path / "bob" / "04_backprop.ipynb") == ["ada", "bob"]
    with pytest.raises(FileNotFoundError, match="there is no .*eve"):
        collected([tmp_path / "eve"])


def test_archives_of_students_are_opened_and_all_in_them_is_theirs(tmp_path):
    inner = {
        "ada_04_backprop.zip": zipped("bob/04_backprop.ipynb", "bob_1_2_04_backprop.ipynb"),
        "bob/work.tar.gz": tarred("submitted/eve/04_backprop/x.ipynb", mode="w:gz"),
        "eve_LATE_7_99_hw.zip": zipped("deep.zip", **{"deep.zip": zipped("x.ipynb")}),
        "zoe.zip": zipped("notes.txt"),
    }
    place = folder(tmp_path / "class", *inner, **inner)
    (tmp_path / "class.zip").write_bytes(zipped(*inner, **inner))

    assert {(row.student, row.label, row.problem) for row in collected([place])} == {
        ("ada", "ada_04_backprop.zip!bob/04_backprop.ipynb", ""),
        ("ada", "ada_04_backprop.zip!bob_1_2_04_backprop.ipynb", ""),
        ("bob", "bob/work.tar.gz!submitted/eve/04_backprop/x.ipynb", ""),
        ("eve_7", "eve_LATE_7_99_hw.zip!deep.zip!x.ipynb", ""),
        ("zoe", "zoe.zip", "no notebook in the archive"),
    }
    deeper = {row.student: row.problem for row in collected([tmp_path / "class.zip"])}
    assert "is not opened" in deeper.pop("eve_7")
    assert deeper == {"ada": "", "bob": "", "zoe": "no notebook in the archive"}


def test_a_folder_with_the_classs_archive_in_it_is_that_archive(tmp_path):
    data = zipped("lovelaceada_1_2_04_backprop.ipynb", "bob_3_4_04_backprop.ipynb")

    assert students(folder(tmp_path / "new", "download.zip", **{"download.zip": data})) == ["bob_3", "lovelaceada_1"]


def test_what_programs_leave_behind_is_ignored_and_nothing_at_all_is_told(tmp_path):
    names = ["ada/.ipynb_checkpoints/04_backprop-checkpoint.ipynb", "__MACOSX/ada/._04_backprop.ipynb", "ada/04.ipynb"]
    names += ["bob/README.md", "bob/.git/x.ipynb", "grades.csv", ".DS_Store"]
    place = folder(tmp_path / "class", *names, "zoe/x")
    (place / "zoe" / "x").unlink()
    expected = [("ada", ""), ("bob", "no notebook"), ("zoe", "no notebook")]

    assert [(row.student, row.problem) for row in collected([place])] == expected
    (tmp_path / "class.zip").write_bytes(zipped(*names, "zoe/"))
    assert [(row.student, row.problem) for row in collected([tmp_path / "class.zip"])] == expected


# ---- hostile folders ----


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_links_pipes_and_sockets_are_rows_with_a_reason(tmp_path, monkeypatch):
    place = folder(tmp_path / "class", "ada/a.ipynb", "eve/a.ipynb")
    (place / "eve" / "secret.ipynb").symlink_to("/etc/passwd")
    (place / "eve" / "again").symlink_to("..")
    (place / "eve" / "nowhere.ipynb").symlink_to("nothing")
    (place / "bob").symlink_to("ada")
    (tmp_path / "loop.zip").symlink_to("loop.zip")
    os.mkfifo(place / "eve" / "pipe.ipynb")
    monkeypatch.chdir(place / "eve")  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.ipynb")

        said = outcome(place)
    assert said.pop("ada/a.ipynb") == said.pop("eve/a.ipynb") == "read"
    assert set(said) == {
        "bob",
        *[f"eve/{n}" for n in ("secret.ipynb", "again", "nowhere.ipynb", "pipe.ipynb", "socket.ipynb")],
    }
    assert all("link" in said[name] for name in ("bob", "eve/secret.ipynb", "eve/again", "eve/nowhere.ipynb"))
    assert "a pipe" in said["eve/pipe.ipynb"] and "a socket" in said["eve/socket.ipynb"]
    assert "link" in outcome(tmp_path / "loop.zip").popitem()[1]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_what_may_not_be_read_is_told(tmp_path):
    place = folder(tmp_path / "class", "ada/a.ipynb", "bob/a.ipynb", "eve/a.ipynb")
    (place / "ada" / "a.ipynb").chmod(0)
    (place / "bob").chmod(0)

    said = outcome(place)
    (place / "bob").chmod(0o700)
    assert (
        "cannot be opened" in said["ada/a.ipynb"]
        and "cannot be opened" in said["bob"]
        and said["eve/a.ipynb"] == "read"
    )


def test_a_students_folders_without_end_and_files_without_number_cost_only_them(tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "NOTEBOOKS", 3)
    monkeypatch.setattr(collect, "ENTRIES", 20)
    place = folder(tmp_path / "class", "ada/a.ipynb", "deep/" + "d/" * 30 + "a.ipynb")
    folder(place / "many", *[f"{i}.ipynb" for i in range(9)])
    folder(place / "more", *[f"{i}.ipynb" for i in range(30)])
    said = outcome(place)

    assert [name for name in said if name.startswith("many")] == [f"many/{i}.ipynb" for i in range(4)]
    assert "more than 3 notebooks" in said["many/3.ipynb"] and "too many folders or files" in said["more"]
    assert said["ada/a.ipynb"] == "read" and "too many" in str([said[name] for name in said if name.startswith("deep")])


def test_large_files_are_not_read(tmp_path):
    place = folder(tmp_path / "class", "ada.ipynb", "eve.ipynb", "zoe.zip")
    for name in ("eve.ipynb", "zoe.zip"):
        with open(place / name, "wb") as file:
            file.truncate(1 << 40)
    said = outcome(place)

    assert "16 MB" in said["eve.ipynb"] and "64 MB" in said["zoe.zip"] and said["ada.ipynb"] == "read"


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names are text there")
def test_names_that_are_no_text_or_move_the_cursor_are_shown_escaped(tmp_path):
    place = folder(tmp_path / "class")
    for name in (b"z\xff.ipynb", b"\x1b[2J.ipynb", "a\u202eb.ipynb".encode(), b"back\\xff.ipynb", b"new\nline.ipynb"):
        with open(os.fsencode(place) + b"/" + name, "wb") as file:
            file.write(NOTEBOOK)
    rows = collected([place])

    assert [row.student for row in rows] == [r"\x1b[2J", r"a\u202eb", r"back\\xff", r"new\nline", r"z\xff"]
    assert all(row.data == NOTEBOOK and row.label.isprintable() for row in rows)


def test_names_are_shown_the_same_however_their_accents_are_written():
    assert shown("Zoe\u0308") == "Zoë" and shown("Zoë") == "Zoë"


# ---- hostile archives ----


def linked(name, kind, target="/etc/passwd"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_paths_that_lead_out_of_an_archive_are_rows_and_hit_nobody_elses(tmp_path):
    names = [
        "ada/a.ipynb",
        "../bob/a.ipynb",
        "/bob/a.ipynb",
        "eve/../bob/a.ipynb",
        "C:\\bob\\a.ipynb",
        "..\\bob\\a.ipynb",
    ]
    names += ["x" * 2000 + ".ipynb"]
    for name, data in [("class.zip", zipped(*names)), ("class.tar", tarred(*names))]:
        (tmp_path / name).write_bytes(data)
        rows = collected([tmp_path / name])
        assert [row.student for row in rows if not row.problem] == ["ada"]
        assert len(rows) == len(names) and not any(row.student == "bob" for row in rows)
        assert all(path.name.startswith("class.") for path in tmp_path.iterdir())  # and nothing was written


def test_links_and_devices_in_archives_are_rows(tmp_path):
    kinds = {"soft": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "disk": tarfile.CHRTYPE}
    infos = [linked(f"{name}/a.ipynb", kind) for name, kind in kinds.items()]
    (tmp_path / "class.tar").write_bytes(tarred(*infos, "zoe/a.ipynb"))
    link = zipfile.ZipInfo("soft/a.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    (tmp_path / "class.zip").write_bytes(zipped(link, "zoe/a.ipynb"))

    for name, count in [("class.tar", 5), ("class.zip", 2)]:
        said = outcome(tmp_path / name)
        assert len(said) == count and said.pop(f"{name}!zoe/a.ipynb") == "read"
        assert all("link or device" in problem for problem in said.values())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_names_that_some_disks_would_take_for_one_the_first_counts(tmp_path):
    names = ["ada/zoë.ipynb", "ada/Zoe\u0308.ipynb", "ada/other.ipynb", "ada/other.ipynb"]
    for name, data in [("class.zip", zipped(*names)), ("class.tar", tarred(*names))]:
        (tmp_path / name).write_bytes(data)
        assert [bool(row.data) for row in collected([tmp_path / name])].count(True) == 2


def test_a_bomb_costs_its_own_student(tmp_path):
    bomb = {"eve/a.ipynb": bytes(10 << 20), "zoe/a.ipynb": bytes(30 << 20)}
    for name, data in [
        ("class.zip", zipped("ada/a.ipynb", *bomb, "zzz/a.ipynb", **bomb)),
        ("class.tar.gz", tarred("ada/a.ipynb", *bomb, "zzz/a.ipynb", mode="w:gz", **bomb)),
    ]:
        (tmp_path / name).write_bytes(data)
        said = outcome(tmp_path / name)
        assert said[f"{name}!ada/a.ipynb"] == said[f"{name}!zzz/a.ipynb"] == "read"
        assert "16 MB" in said[f"{name}!zoe/a.ipynb"]
    assert "100 to 1" in outcome(tmp_path / "class.zip")["class.zip!eve/a.ipynb"]


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_a_bomb_in_a_students_own_archive_stops_there(tmp_path, monkeypatch, mode):
    monkeypatch.setattr(archives, "BYTES", 1 << 20)
    hidden = {"big.bin": bytes(9 << 20)}
    data = tarred("big.bin", "a.ipynb", mode=mode, **hidden)
    name = "eve.tar." + mode[2:]
    said = outcome(folder(tmp_path / "class", "ada.ipynb", name, **{name: data}))

    assert said["ada.ipynb"] == "read" and "too much in it" in said[name]


def test_sizes_in_headers_may_lie(tmp_path):
    honest = zipped("eve/a.ipynb", "ada/a.ipynb", **{"eve/a.ipynb": b"x" * 1000})
    for size in (0, 10, 0xFFFFFFF0):
        data = honest.replace(struct.pack("<L", 1000), struct.pack("<L", size))
        (tmp_path / "class.zip").write_bytes(data)
        said = outcome(tmp_path / "class.zip")
        assert said["class.zip!ada/a.ipynb"] == "read" and said["class.zip!eve/a.ipynb"] != "read"


def test_an_encrypted_member_is_told(tmp_path):
    data = bytearray(zipped("ada/a.ipynb", "eve/a.ipynb"))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.rfind(mark) + offset] |= 1
    (tmp_path / "class.zip").write_bytes(data)

    assert outcome(tmp_path / "class.zip") == {
        "class.zip!ada/a.ipynb": "read",
        "class.zip!eve/a.ipynb": "it is encrypted",
    }


def test_a_tar_that_is_cut_off_keeps_what_came_before(tmp_path):
    for mode, name in [("w", "class.tar"), ("w:gz", "class.tar.gz")]:
        data = {f"{n}/a.ipynb": os.urandom(2000) for n in ("ada", "bob", "eve")}
        whole = tarred(*data, mode=mode, **data)
        (tmp_path / name).write_bytes(whole[: 4800 if mode == "w" else 3500])
        rows = collected([tmp_path / name])
        assert rows[0].data and rows[-1].problem


@pytest.mark.parametrize("name", ["class.zip", "class.tar", "class.tgz", "class.tar.bz2", "class.txz"])
@pytest.mark.parametrize("data", [b"", b"PK\5\6", b"junk" * 1000, b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0", bytes(5000)])
def test_a_broken_archive_is_one_row_with_a_reason(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    rows = collected([tmp_path / name])

    assert len(rows) == 1 and all(row.student == "class" and "archive" in row.problem for row in rows)


def test_headers_of_a_tar_cannot_ask_for_memory_or_time(tmp_path):
    huge = tarfile.TarInfo("x")
    huge.type, huge.size = tarfile.XHDTYPE, 1 << 40
    digits = tarfile.TarInfo("x")
    digits.type, digits.size = tarfile.XHDTYPE, 60_000
    negative = bytearray(tarfile.TarInfo("a.ipynb").tobuf())
    negative[124:136] = b"\xff" * 12
    for data in (huge.tobuf(), digits.tobuf() + b"1" * 60_000, bytes(negative)):
        (tmp_path / "class.tar").write_bytes(data + bytes(10_240))
        start = time.process_time()
        collected([tmp_path / "class.tar"])
        assert time.process_time() - start < 5


def test_long_and_foreign_names_in_a_tar_are_read(tmp_path):
    names = [f"zoë/{'d' * 120}/a.ipynb", "ada/" + "x" * 130 + "/b.ipynb"]
    for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=format) as archive:
            for name in names:
                info = tarfile.TarInfo(name)
                info.size = len(NOTEBOOK)
                archive.addfile(info, io.BytesIO(NOTEBOOK))
        (tmp_path / "class.tar").write_bytes(file.getvalue())
        assert [row.label for row in collected([tmp_path / "class.tar"])] == [
            f"class.tar!{names[1]}",
            f"class.tar!{names[0]}",
        ]


def test_a_table_of_contents_without_end_is_not_read(tmp_path):
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 1 << 30, 0, 0)
    (tmp_path / "class.zip").write_bytes(end)

    assert "too many files" in collected([tmp_path / "class.zip"])[0].problem


def test_members_without_number_end_in_a_row(tmp_path, monkeypatch):
    monkeypatch.setattr(collect, "MEMBERS", 5)
    (tmp_path / "class.zip").write_bytes(zipped(*[f"s{i}/a.ipynb" for i in range(9)]))
    rows = collected([tmp_path / "class.zip"])

    assert [bool(row.data) for row in rows].count(True) == 5 and "more than 5 files" in str(
        [row.problem for row in rows]
    )


def test_damaged_archives_are_never_an_error(tmp_path):
    import random

    draw = random.Random(0)
    whole = [
        zipped("ada/a.ipynb", "bob/a.ipynb"),
        tarred("ada/a.ipynb", "bob/a.ipynb"),
        tarred("ada.ipynb", mode="w:gz"),
    ]
    for number in range(600):
        data = bytearray(draw.choice(whole))
        for _ in range(draw.choice([1, 3, 20])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if draw.random() < 0.2:
            del data[draw.randrange(len(data)) :]
        name = tmp_path / ("class.zip" if data[:2] == b"PK" else "class.tar")
        name.write_bytes(data)
        for row in collected([name]):
            assert (row.data is None) == bool(row.problem) and row.student and row.label.isprintable(), number


def test_the_order_is_the_same_each_time(tmp_path):
    names = [name for layout in LAYOUTS.values() for name in layout]
    place = folder(tmp_path / "class", *names)

    assert collected([place]) == collected([place])
    assert [row.label for row in collected([place])] == [
        row.label for row in sorted(collected([place]), key=lambda row: (row.student, row.label))
    ]
