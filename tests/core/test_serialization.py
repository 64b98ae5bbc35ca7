"""What is saved comes back as it was, or the file is refused: never anything between.

In this order: round trips, files shared with other tools, saves that are stopped, files that are damaged or forged.
"""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load_file, save_file

import minigrad as mg

DTYPES = ["bool", "float16", "float32", "float64", *(f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64))]


def same(x, y):
    """Whether x and y are the same down to types, order and bits; nan equals nan."""
    if type(x) is not type(y):
        return False
    if isinstance(x, mg.Tensor):
        return same(x.numpy(), y.numpy())
    if isinstance(x, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    if isinstance(x, dict):
        return same([*x.items()], [*y.items()])
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(same, x, y))
    return repr(x) == repr(y)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def checkpoint():
    return {
        "epoch": 3,
        "model": {"weight": mg.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), "steps": mg.tensor(7)},
        "optimizer": {"state": {0: {"momentum": np.ones(2)}, 1: {}}, "betas": (0.9, 0.999), "lr": [1e-3, None]},
    }


# Round trips

ARRAYS = st.sampled_from(DTYPES).flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, min_side=0, max_side=3)))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
NESTS = st.recursive(
    PLAIN | ARRAYS | ARRAYS.map(mg.tensor),
    lambda nests: st.lists(nests) | st.lists(nests).map(tuple) | st.dictionaries(PLAIN, nests),
    max_leaves=10,
)


@settings(deadline=None, max_examples=200)
@given(NESTS)
def test_anything_comes_back_as_it_was(tmp_path_factory, obj):
    path = tmp_path_factory.getbasetemp() / "anything.safetensors"
    mg.save(obj, path)

    assert same(mg.load(path), obj)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type_of_number_comes_back(path, dtype):
    array = np.array([[0, 1], [1, 0]], dtype)
    mg.save([array, mg.tensor(array)], path)

    assert same(mg.load(path), [array, mg.tensor(array)])


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan"), -0.0, 5e-324, 2**128 - 1, -(2**63) - 1])
def test_numbers_beyond_json_come_back(path, number):
    mg.save({"number": number}, path)

    assert same(mg.load(path), {"number": number})


def test_keys_that_look_alike_stay_apart(path):
    obj = {1: "int", "1": "str", 2.0: "float", "2.0": "str", None: "None", "None": "str"}
    mg.save(obj, path)

    assert same(mg.load(path), obj)


def test_arrays_whose_names_would_collide_stay_apart(path):
    x, y, z = np.array(1), np.array(2), np.array(3)
    obj = {"a.b": x, "a": {"b": y}, "a.b_": z, "__metadata__": x, "": y, "half \ud83d": z}
    mg.save(obj, path)

    assert same(mg.load(path), obj)


def test_the_order_of_memory_does_not_matter(path):
    x = np.arange(24.0).reshape(2, 3, 4)
    views = [x.T, x[:, ::-1], x[..., 1], np.asfortranarray(x), x.astype(">f8"), np.broadcast_to(x[0, 0], (5, 4))]
    mg.save(views, path)

    for array, view in zip(mg.load(path), views):
        np.testing.assert_array_equal(array, view)
        assert array.dtype == np.float64


def test_what_is_loaded_can_be_written_to(path):
    mg.save([np.zeros(2), mg.tensor([0.0, 0.0])], path)
    array, tensor = mg.load(path)
    array += 1
    tensor.data += 1

    assert array.tolist() == tensor.tolist() == [1.0, 1.0]


def test_what_is_loaded_can_be_trained(path):
    mg.save({"weight": mg.tensor([3.0])}, path)
    weight = mg.load(path)["weight"].requires_grad_()
    (weight * weight).sum().backward()
    mg.optim.SGD([weight], lr=0.5).step()  # 3 - 0.5 * 6

    assert weight.tolist() == [0.0]


def test_a_tensor_is_saved_without_its_graph(path):
    weight = mg.tensor([1.0, 2.0], requires_grad=True)
    mg.save({"weight": weight, "twice": weight * 2}, path)
    loaded = mg.load(path)

    assert loaded["twice"].tolist() == [2.0, 4.0]
    assert not any(tensor.requires_grad for tensor in loaded.values())


def test_tied_tensors_come_back_equal_and_apart(path):
    tied = mg.tensor([1.0])
    mg.save({"first": tied, "second": tied}, path)
    loaded = mg.load(path)
    loaded["first"].data += 1

    assert loaded["second"].tolist() == [1.0]


def test_numbers_of_numpy_come_back_as_numbers_of_python(path):
    mg.save({np.int64(1): np.float32(0.5), "flag": np.bool_(True)}, path)

    assert same(mg.load(path), {1: 0.5, "flag": True})


def test_the_state_of_a_random_generator_comes_back(path):
    generator = mg.Generator(0)
    mg.save(generator.get_state(), path)
    expected = generator.numpy.random(4).tolist()
    generator.set_state(mg.load(path))

    assert generator.numpy.random(4).tolist() == expected


# Files shared with other tools


def test_other_tools_read_a_state_dict(path):
    mg.save({"weight": mg.tensor([[1.0, 2.0]]), "bias": mg.tensor([3.0])}, path)
    theirs = load_file(path)

    assert same(theirs["weight"], np.float32([[1, 2]]))
    assert same(theirs["bias"], np.float32([3]))


def test_a_file_of_another_tool_is_a_dict_of_tensors(path):
    save_file({"weight": np.float16([[1, 2]]), "step": np.array(3)}, path, metadata={"format": "pt", "checksum": "own"})
    loaded = mg.load(path)

    assert same(loaded["weight"], mg.tensor(np.float16([[1, 2]])))
    assert same(loaded["step"], mg.tensor(np.array(3)))
    assert len(loaded) == 2


def test_torch_reads_it_too(path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file as load_in_torch

    mg.save({"weight": mg.tensor([[1.0, 2.0]])}, path)

    assert torch.equal(load_in_torch(path)["weight"], torch.tensor([[1.0, 2.0]]))


# Saves that are refused, fail or are stopped


class Layer:
    def state_dict(self): ...


NEST = []
NEST.append(NEST)
DEEP = []
for _ in range(99):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "obj, error, words",
    [
        ({"a": [1, {2, 3}]}, TypeError, r"obj\['a'\]\[1\] is a set"),
        ({"model": Layer()}, TypeError, r"obj\['model'\] is a Layer. Save its state_dict\(\)"),
        ({"z": 1j}, TypeError, r"obj\['z'\] is a complex"),
        ({"a": {(1, 2): 0}}, TypeError, r"obj\['a'\] has the key \(1, 2\)"),
        ({"z": np.zeros(2, complex)}, TypeError, r"obj\['z'\] is an array of complex128"),
        (np.array([{}]), TypeError, "obj is an array of object"),
        (NEST, ValueError, r"obj\[0\]\[0\]\[0\]... nests more than 100 deep. Does it contain itself"),
        ([10**5000], ValueError, "4300 digits"),
    ],
)
def test_what_cannot_be_kept_is_named_and_the_old_file_stays(path, obj, error, words):
    mg.save("old", path)
    with pytest.raises(error, match=words):
        mg.save(obj, path)

    assert mg.load(path) == "old"


def test_one_hundred_levels_are_not_too_deep(path):
    mg.save(DEEP, path)
    assert mg.load(path) == DEEP


def test_a_list_too_long_for_the_header_is_refused(path):
    with pytest.raises(ValueError, match="Put long lists of numbers into arrays"):
        mg.save("x" * 100_000_000, path)

    assert not path.exists()


def test_a_folder_is_not_a_file(tmp_path):
    for attempt in (lambda: mg.save(1, tmp_path), lambda: mg.load(tmp_path)):
        with pytest.raises(IsADirectoryError, match="is a folder"):
            attempt()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.*was not written"):
        mg.save(1, tmp_path / "nowhere" / "model.safetensors")


def test_a_stray_of_a_killed_save_is_cleared_away(path):
    stray = path.with_name(path.name + ".part")
    stray.write_bytes(b"half a file")
    mg.save("new", path)

    assert mg.load(path) == "new"
    assert not stray.exists()


def test_a_link_stays_a_link(path, tmp_path):
    mg.save("old", path)
    link = tmp_path / "latest.safetensors"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("this system makes no links")
    mg.save("new", link)

    assert link.is_symlink()
    assert mg.load(path) == "new"


def test_the_bytes_are_on_the_disk_before_the_name_is(path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *args, name=name, real=real: (calls.append(name), real(*args)))
    mg.save(1, path)

    assert calls[:2] == ["fsync", "replace"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, OSError(28, "No space left on device")])
def test_a_save_that_is_stopped_leaves_the_old_file_and_no_stray(path, monkeypatch, stop):
    mg.save("old", path)

    def fail(handle):
        raise stop

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(stop if isinstance(stop, type) else type(stop)):
        mg.save("new", path)

    assert mg.load(path) == "old"
    assert os.listdir(path.parent) == [path.name]


def test_a_ctrl_c_during_the_swap_waits_for_its_end(path, monkeypatch):
    replace = os.replace

    def interrupted_replace(*names):
        signal.raise_signal(signal.SIGINT)
        replace(*names)

    mg.save("old", path)
    monkeypatch.setattr(os, "replace", interrupted_replace)
    with pytest.raises(KeyboardInterrupt):
        mg.save("new", path)

    assert mg.load(path) == "new"


def run(script, *arguments):
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(os.name == "nt", reason="limits on file size are POSIX")
def test_a_full_disk_leaves_the_old_file_and_says_so(path):
    mg.save("old", path)
    message = run(
        """
        import resource, signal, sys
        import numpy as np
        import minigrad as mg

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            mg.save(np.zeros(10_000), sys.argv[1])
        except OSError as error:
            print(error)
        """,
        path,
    )

    assert f"{path} was not written" in message
    assert mg.load(path) == "old"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_save_killed_at_any_moment_leaves_a_whole_file(path):
    run(
        """
        import os, random, signal, sys, time
        import numpy as np
        import minigrad as mg

        path = sys.argv[1]
        mg.save(np.zeros(50_000), path)
        for _ in range(40):
            child = os.fork()
            if child == 0:
                for n in range(10_000):
                    mg.save(np.full(50_000, float(n)), path)
            time.sleep(random.uniform(0.001, 0.03))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            array = mg.load(path)
            assert array.shape == (50_000,) and (array == array[0]).all()
            assert len(os.listdir(os.path.dirname(path))) <= 2
        """,
        path,
    )


# Files that are damaged or forged


def forge(path, header, body=b"", length=None):
    """A file in the outer form of safetensors: eight bytes of length, a header, a body."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    length = len(header) if length is None else length
    path.write_bytes(length.to_bytes(8, "little") + header + body)


def forge_structure(path, structure, **tensors):
    """A file of ours, with a structure of our choice and a checksum that fits."""
    from minigrad.serialization import checksum

    structure = structure if isinstance(structure, str) else json.dumps(structure)
    save_file(tensors, path, {"minigrad": structure, "minigrad.checksum": checksum(structure, tensors)})


def refused(path):
    try:
        mg.load(path)
    except ValueError as error:
        return str(path) in str(error)
    return False


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(FileNotFoundError, match="there is no file .*model.safetensors"):
        mg.load(path)


def test_a_device_that_is_not_there_is_no_fault_of_the_file(path):
    mg.save(mg.tensor([1.0]), path)
    with pytest.raises(RuntimeError, match="gpu"):
        mg.load(path, device="gpu")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="a device or a pipe"):
        mg.load(tmp_path / "pipe")


def test_a_file_torn_off_anywhere_is_refused(path):
    mg.save(checkpoint(), path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert refused(path), length


def test_a_file_with_more_at_its_end_is_refused(path):
    mg.save(checkpoint(), path)
    path.write_bytes(path.read_bytes() + b"\0")

    assert refused(path)


def test_a_file_with_any_one_bit_flipped_is_refused(path):
    mg.save(checkpoint(), path)
    whole = path.read_bytes()
    for i in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:i] + bytes([whole[i] ^ 1 << bit]) + whole[i + 1 :])
            assert refused(path), (i, bit)


def test_a_damaged_file_of_another_tool_is_refused_or_read_but_nothing_else(path):
    save_file({"weight": np.ones((2, 3)), "flags": np.array([True, False])}, path)
    whole = path.read_bytes()
    rng = random.Random(0)
    for _ in range(3000):
        damaged = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(whole))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            loaded = mg.load(path)
        except ValueError as error:
            assert str(path) in str(error)
        else:
            assert all(isinstance(tensor, mg.Tensor) for tensor in loaded.values())


def tensor(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


EIGHT = bytes(8)


@pytest.mark.parametrize(
    "header, body",
    [
        pytest.param({"x": tensor(shape=[3])}, EIGHT, id="the shape asks for more than the offsets"),
        pytest.param({"x": tensor(shape=[2**40], offsets=[0, 2**42])}, EIGHT, id="4 TB in 8 bytes"),
        pytest.param({"x": tensor(shape=[2**62, 4, 4])}, EIGHT, id="a size that overflows"),
        pytest.param({"x": tensor(shape=[0, 2**62], offsets=[0, 0])}, b"", id="no elements, absurd shape"),
        pytest.param({"x": tensor(shape=[0, 2**64 - 1], offsets=[0, 0])}, b"", id="an axis beyond int64"),
        pytest.param({"x": tensor(shape=[1] * 70 + [2])}, EIGHT, id="71 axes"),
        pytest.param({"x": tensor(shape=[-2])}, EIGHT, id="a negative axis"),
        pytest.param({"x": tensor(shape=[2.0])}, EIGHT, id="half an axis"),
        pytest.param({"x": tensor(offsets=[8, 16])}, EIGHT, id="offsets past the end"),
        pytest.param({"x": tensor(offsets=[8, 0])}, EIGHT, id="offsets backwards"),
        pytest.param({"x": tensor(), "y": tensor()}, EIGHT, id="two tensors in one place"),
        pytest.param({"x": tensor(), "y": tensor(offsets=[4, 12])}, bytes(12), id="two tensors that overlap"),
        pytest.param({"x": tensor(offsets=[4, 12])}, bytes(12), id="a hole"),
        pytest.param({}, EIGHT, id="bytes that belong to nothing"),
        pytest.param({"x": tensor("F31")}, EIGHT, id="numbers that nobody has"),
        pytest.param({"x": tensor("BOOL", [8])}, b"\2" * 8, id="truth that is neither 0 nor 1"),
        pytest.param({"x": 3}, b"", id="a tensor that is a number"),
        pytest.param({"__metadata__": {"minigrad": 3}}, b"", id="metadata that is a number"),
        pytest.param({"__metadata__": {"minigrad": "3"}}, b"", id="no checksum"),
        pytest.param({"__metadata__": {"minigrad.checksum": "00000000"}}, b"", id="no structure"),
        pytest.param({"__metadata__": {"minigrad": "3", "minigrad.checksum": "é"}}, b"", id="a checksum that is none"),
        pytest.param(b'{"x":' * 100_000, b"", id="a header too deep"),
        pytest.param(b'{"\\ud800": 1}', b"", id="a name that is no text"),
        pytest.param(b'{"\xff": 1}', b"", id="a name that is not UTF-8"),
        pytest.param(b"{}}", b"", id="a brace too many"),
    ],
)
def test_a_forged_header_is_refused(path, header, body):
    forge(path, header, body)
    with pytest.raises(ValueError, match="model.safetensors (is torn or damaged|cannot be used): "):
        mg.load(path)


def test_numbers_that_numpy_lacks_are_named(path):
    forge(path, {"x": tensor("BF16", shape=[4])}, EIGHT)
    with pytest.raises(ValueError, match="model.safetensors cannot be used: 'x' holds BF16"):
        mg.load(path)


@pytest.mark.parametrize("length", [0, 1, 3, 100, 99_999_999, 2**32, 2**63, 2**64 - 1])
def test_a_header_of_another_length_than_it_says_is_refused(path, length):
    forge(path, b"{}", length=length)
    with pytest.raises(ValueError, match="model.safetensors (is torn or damaged|cannot be used): "):
        mg.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"PK\3\4 a zip file, say", b"\x80\x02}q\x00.", b"\0" * 1000])
def test_a_file_of_another_kind_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="model.safetensors is not a safetensors file"):
        mg.load(path)


@pytest.mark.parametrize(
    "structure",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="broken JSON"),
        pytest.param("[" * 100_000, id="JSON too deep"),
        pytest.param("[" * 101 + "]" * 101, id="nested too deep"),
        pytest.param("9" * 5000, id="too many digits"),
        pytest.param({"tensor": "y"}, id="a tensor that is not there"),
        pytest.param({"tensor": ["x"]}, id="a name that is a list"),
        pytest.param([{"tensor": "x"}, {"array": "x"}], id="a tensor used twice"),
        pytest.param([], id="a tensor not used"),
        pytest.param({"set": [{"tensor": "x"}]}, id="an unknown word"),
        pytest.param({"dict": {"tensor": "x"}}, id="a dict that is no list of pairs"),
        pytest.param({"dict": [["x"]]}, id="half a pair"),
        pytest.param({"dict": [[["x"], {"tensor": "x"}]]}, id="a key that is a list"),
        pytest.param({}, id="an empty word"),
    ],
)
def test_a_forged_structure_is_refused(path, structure):
    forge_structure(path, structure, x=np.zeros(2))
    with pytest.raises(ValueError, match="model.safetensors (is torn or damaged|cannot be used): "):
        mg.load(path)
