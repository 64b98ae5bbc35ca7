"""Downloads: what breaks is taken up again, what is no use is given up, and what is half is never called whole."""

import sys
import time

import pytest

from minigrad.data import download
from minigrad.data.download import Failed, npm_pack

CONTENT = bytes(range(256)) * 4000  # about 1 MB


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "SILENCE", 0.5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.fixture
def part(tmp_path):
    return tmp_path / "file.part"


def get(server, path):
    download.download(server.url, path)


def test_a_file_comes_whole_and_leaves_nothing_else(server, path):
    server.content = CONTENT
    get(server, path)

    assert path.read_bytes() == CONTENT
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server, path):
    server.content, server.breaks_after, server.breaks = CONTENT, 300_000, 2
    get(server, path)

    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=0-", "bytes=300000-", "bytes=600000-"]


def test_what_an_earlier_try_left_is_not_downloaded_again(server, path, part):
    part.write_bytes(CONTENT[:1000])
    server.content = CONTENT
    get(server, path)

    assert path.read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-"]


def test_a_server_that_cannot_resume_is_asked_for_everything(server, path, part):
    part.write_bytes(CONTENT[:1000])
    server.content, server.knows_ranges = CONTENT, False
    get(server, path)

    assert path.read_bytes() == CONTENT


def test_a_server_that_does_not_say_how_much_is_believed_when_it_ends(server, path):
    server.content, server.says_length = CONTENT, False
    get(server, path)

    assert path.read_bytes() == CONTENT


def test_a_part_that_is_all_there_is_the_file(server, path, part):
    part.write_bytes(CONTENT)
    server.content = CONTENT
    get(server, path)

    assert path.read_bytes() == CONTENT and not part.exists()


def test_a_part_longer_than_the_file_is_thrown_away(server, path, part):
    part.write_bytes(CONTENT + b"more")
    server.content = CONTENT
    with pytest.raises(Failed, match="longer than the file"):
        get(server, path)
    assert not part.exists() and not path.exists()

    get(server, path)
    assert path.read_bytes() == CONTENT


def test_a_server_that_breaks_again_and_again_is_given_up_and_the_part_kept(server, path, part):
    server.content, server.breaks_after, server.breaks = CONTENT, 1000, 1000
    with pytest.raises(Failed, match="broke off"):
        get(server, path)

    assert len(server.asked) == download.TRIES
    assert not path.exists()
    assert part.read_bytes() == CONTENT[: 1000 * download.TRIES]


def test_a_server_that_falls_silent_is_given_up_and_the_part_kept(server, path, part):
    server.content, server.silent_after = CONTENT, 1000
    started = time.monotonic()
    with pytest.raises(Failed, match="timed out"):
        get(server, path)

    assert time.monotonic() - started < 5
    assert part.read_bytes() == CONTENT[:1000] and not path.exists()


def test_a_slow_server_is_better_than_none(server, path):
    server.content, server.pause = CONTENT, 0.0005
    get(server, path)

    assert path.read_bytes() == CONTENT


def test_a_server_that_sends_without_end_is_stopped(server, path, part, monkeypatch):
    monkeypatch.setattr(download, "LARGEST", 100_000)
    server.content = CONTENT
    with pytest.raises(Failed, match="more than 100,000 bytes"):
        get(server, path)

    assert not path.exists() and part.stat().st_size == 0


def test_a_file_that_is_not_there_is_said_not_to_be(server, path):
    server.status = 404
    with pytest.raises(Failed, match="404"):
        get(server, path)


def test_a_server_that_is_not_there_is_said_not_to_be(server, path):
    server.shutdown()
    server.server_close()
    with pytest.raises(Failed, match="(?i)refused"):
        get(server, path)


def test_a_host_without_an_address_is_said_to_have_none(path):
    with pytest.raises(Failed, match=r"\w"):
        download.download("http://nowhere.invalid/file", path)


def test_without_tqdm_it_says_that_it_downloads(server, path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    server.content = CONTENT
    get(server, path)

    assert "Downloading cifar-10-binary.tar.gz" in capsys.readouterr().err


# ---- npm ----


def test_npm_packs_into_a_folder_of_its_own_which_is_gone_afterwards(npm, tmp_path):
    npm('echo "$@" > thing-1.0.0.tgz')

    archive = npm_pack("thing@1.0.0", tmp_path)

    assert archive == tmp_path / "thing-1.0.0.tgz"
    assert archive.read_text().startswith("pack thing@1.0.0 --ignore-scripts")
    assert list(tmp_path.iterdir()) == [archive]


def test_without_npm_it_says_so(npm, tmp_path):
    with pytest.raises(Failed, match="npm is not installed"):
        npm_pack("thing@1.0.0", tmp_path)


def test_what_npm_complains_of_is_passed_on(npm, tmp_path):
    npm("echo 'code E404: no such package' >&2; exit 1")
    with pytest.raises(Failed, match="code E404: no such package"):
        npm_pack("thing@1.0.0", tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_an_npm_that_never_ends_is_ended(npm, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "NPM_LIMIT", 0.3)
    npm("exec sleep 60")
    with pytest.raises(Failed, match="more than 0.3 seconds"):
        npm_pack("thing@1.0.0", tmp_path)

    assert list(tmp_path.iterdir()) == []
