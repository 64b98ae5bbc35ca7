"""CIFAR-10 in miniature, in all the forms in which it comes, and a server on this machine to download it from."""

import hashlib
import io
import json
import pickle
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from minigrad.data import cifar10_files


class Miniature:
    """Six files of four pictures each, and the archives that hold them."""

    count = 4

    def __init__(self):
        rng = np.random.default_rng(0)
        self.labels = {name: rng.integers(0, 10, self.count) for name in cifar10_files.MD5}
        self.pixels = {name: rng.integers(0, 256, (self.count, 3072), np.uint8) for name in cifar10_files.MD5}
        self.files = {
            name: b"".join(bytes([label]) + row.tobytes() for label, row in zip(self.labels[name], self.pixels[name]))
            for name in cifar10_files.MD5
        }
        self.md5 = {name: hashlib.md5(data).hexdigest() for name, data in self.files.items()}

    @staticmethod
    def packed(members):
        """A .tar.gz of {name: bytes}, or {name: tarfile.TarInfo} for what is no plain file."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            for name, content in members.items():
                if isinstance(content, tarfile.TarInfo):
                    content.name = name
                    tar.addfile(content)
                else:
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
        return archive.getvalue()

    def binary_archive(self, **changed):
        """The official archive; `changed` holds files that differ, by the name without .bin."""
        files = {**self.files, **{f"{name}.bin": data for name, data in changed.items()}}
        readme = {"cifar-10-batches-bin/readme.html": b"Learning Multiple Layers of Features"}
        return self.packed({**readme, **{f"cifar-10-batches-bin/{name}": data for name, data in files.items()}})

    def npm_archive(self):
        from PIL import Image

        def png(name):
            image = io.BytesIO()
            Image.fromarray(self.pixels[name].reshape(self.count, 3, 1024).transpose(0, 2, 1)).save(image, "PNG")
            return image.getvalue()

        *train, test = [self.labels[name].tolist() for name in self.files]
        members = {f"package/{name.removesuffix('.bin')}.png": png(name) for name in self.files}
        members["package/test_lables.json"] = json.dumps(test).encode()
        members["package/train_lables.json"] = json.dumps(sum(train, [])).encode()
        return self.packed(members)

    def python_archive(self):
        def batch(name):
            return pickle.dumps({b"labels": self.labels[name].tolist(), b"data": self.pixels[name]}, protocol=2)

        return self.packed({f"cifar-10-batches-py/{name.removesuffix('.bin')}": batch(name) for name in self.files})


@pytest.fixture
def miniature(monkeypatch):
    made = Miniature()
    monkeypatch.setattr(cifar10_files, "PICTURES", made.count)
    monkeypatch.setattr(cifar10_files, "MD5", made.md5)
    monkeypatch.setattr(cifar10_files, "PYTHON_ARCHIVE_MD5", hashlib.md5(made.python_archive()).hexdigest())
    return made


class Server(ThreadingHTTPServer):
    """Serves `content`, and can be told to do it badly."""

    daemon_threads = True
    content = b""
    knows_ranges = True  # else it always sends everything
    breaks_after = None  # bytes after which it hangs up ...
    breaks = 1  # ... this often
    pause = 0.0  # seconds between two pieces of a thousandth
    silent_after = None  # bytes after which it says no more, but does not hang up
    status = 200
    says_length = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []  # the Range of every request
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/cifar-10-binary.tar.gz"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        server, content = self.server, self.server.content
        server.asked.append(self.headers["Range"])
        start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-")) if server.knows_ranges else 0
        if server.status != 200:
            self.send_error(server.status)
            return
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self.send_response(206 if server.knows_ranges else 200)
        if server.says_length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content)
        if server.breaks_after and server.breaks:
            server.breaks -= 1
            end = start + server.breaks_after
        if server.silent_after:
            end = server.silent_after
        piece = max(1, len(content) // 1000) if server.pause else len(content)
        try:
            for at in range(start, end, piece):
                self.wfile.write(content[at : min(at + piece, end)])
                time.sleep(server.pause)
            if server.silent_after:
                server.over.wait(10)
        except OSError:  # the other side has had enough
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.fixture
def npm(tmp_path_factory, monkeypatch):
    """Puts a program named npm, with this text, on the PATH, alone; without one, there is no npm."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))

    def install(text):
        (folder / "npm").write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
        (folder / "npm").chmod(0o755)

    return install
