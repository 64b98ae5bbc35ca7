"""Checkpoints: Tensors, arrays and numbers, however nested, in a safetensors file.

Read from the top: what `save` writes, how it is put in place, what `load` accepts. Nothing is pickled, so loading a
file never runs code from it. The arrays are the file's tensors, as any safetensors reader sees them. How they nest is
JSON beside them, in the file's metadata:

    {"dict": [["epoch", 3], ["model", {"dict": [["weight", {"tensor": "model.weight"}]]}]]}

A checksum stands beside that, so that a damaged file is refused rather than believed.
"""

import contextlib
import json
import os
import zlib

import numpy as np

from . import device as devices
from .interrupt import uninterrupted
from .tensor import Tensor

__all__ = ["load", "save"]

KINDS = {"U": (1, 2, 4, 8), "I": (1, 2, 4, 8), "F": (2, 4, 8)}  # bytes; all are stored with their lowest byte first
DTYPES = {f"{kind}{8 * size}": np.dtype(f"<{kind.lower()}{size}") for kind, sizes in KINDS.items() for size in sizes}
DTYPES["BOOL"] = np.dtype("?")  # by the file's word for each kind of number
PLAIN = (bool, int, float, str, type(None))  # what JSON says as it is; Python's adds inf, nan and integers of any size
DEEPEST = 100  # levels of nesting: far more than a checkpoint has, far fewer than Python's stack


def save(obj, path):
    """Write `obj` to a safetensors file: a state_dict, or a checkpoint of several.

    obj: Tensors, NumPy arrays, numbers, strings, True, False and None, in dicts, lists and tuples, up to 100 deep.
    Keys of dicts are strings, numbers or None. A dict of Tensors, not nested, makes a file that any tool reads.

    Of a Tensor the values are saved, not the graph; of one in several places (tied weights), several copies. A NumPy
    number comes back as a Python number, a subclass as the class it extends.

    The file is there wholly or not at all: a save that is stopped or fails leaves the old one as it was. Raises
    TypeError for what it cannot keep, ValueError for what is too deep or too much, OSError where the disk refuses.
    """
    path = os.path.realpath(os.fsdecode(path))  # the file itself, where `path` is a link to it
    if os.path.isdir(path):
        raise IsADirectoryError(f"save: {path} is a folder. Add a file's name, such as model.safetensors.")

    from safetensors import SafetensorError
    from safetensors.numpy import save as encode

    arrays = {}
    structure = json.dumps(pack(obj, (), arrays))
    try:
        data = encode(arrays, {"minigrad": structure, "minigrad.checksum": checksum(structure, arrays)})
    except SafetensorError as error:  # more than 100 MB that are not arrays
        raise ValueError(f"save: {path} was not written: {error}. Put long lists of numbers into arrays.") from None
    put_in_place(data, path)


def pack(obj, keys, arrays):
    """`obj` as JSON can say it, its arrays moved into `arrays` under names made of `keys`, which lead to it."""
    if len(keys) > DEEPEST:
        raise ValueError(f"save: {spell(keys[:3])}... nests more than {DEEPEST} deep. Does it contain itself?")
    obj = plain(obj)
    if isinstance(obj, PLAIN):
        return obj
    if isinstance(obj, Tensor):
        return {"tensor": pack_array(obj.detach().to("cpu").numpy(), keys, arrays)}
    if isinstance(obj, np.ndarray):
        return {"array": pack_array(obj, keys, arrays)}
    if isinstance(obj, dict):
        return {"dict": [[pack_key(key, keys), pack(value, (*keys, key), arrays)] for key, value in obj.items()]}
    if isinstance(obj, (list, tuple)):
        items = [pack(item, (*keys, i), arrays) for i, item in enumerate(obj)]
        return {"tuple": items} if isinstance(obj, tuple) else items
    advice = " Save its state_dict()." if hasattr(obj, "state_dict") else ""
    raise TypeError(
        f"save keeps Tensors, NumPy arrays, numbers, strings and None, in dicts, lists and tuples; "
        f"{spell(keys)} is a {type(obj).__name__}.{advice}"
    )


def pack_array(array, keys, arrays):
    """The name under which `array` now stands in `arrays`."""
    if array.dtype.newbyteorder("<") not in DTYPES.values():
        raise TypeError(
            f"save keeps floats of 16, 32 and 64 bits, integers and bool; {spell(keys)} is an array of {array.dtype}."
        )
    name = ".".join(map(str, keys)) or "data"
    name = name.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair has no UTF-8
    while name in arrays or name == "__metadata__":  # {"a.b": x, "a": {"b": y}}
        name += "_"
    arrays[name] = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False, subok=False)
    return name


def pack_key(key, keys):
    key = plain(key)
    if isinstance(key, PLAIN):
        return key
    raise TypeError(f"save keeps dicts whose keys are strings, numbers or None; {spell(keys)} has the key {key!r:.80}.")


def plain(obj):
    """A NumPy number as Python's, and anything else as it is."""
    return obj.item() if isinstance(obj, (np.number, np.bool_)) else obj


def spell(keys):
    """The way to a value as Python would write it: obj['model'][0]."""
    return "obj" + "".join(f"[{key!r:.80}]" for key in keys)


def checksum(structure, arrays):
    """Eight letters that change when any bit does: of the nesting, or of a name, a type, a shape or a value."""
    crc = zlib.crc32(structure.encode())
    for name in sorted(arrays):
        array = arrays[name]
        crc = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), crc)
        crc = zlib.crc32(array, crc)
    return f"{crc:08x}"


def put_in_place(data, path):
    """Make `data` the file at `path`. Whoever looks, whenever, finds the old file whole or the new one."""
    part = path + ".part"  # always the same name, so that a killed save leaves one stray at most
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with uninterrupted():
            os.replace(part, path)
            with contextlib.suppress(OSError):  # so that the name, too, outlives a power cut, where the system can
                folder = os.open(os.path.dirname(path), os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError):
            message = f"save: {path} was not written: {error.strerror}. What was there before is as it was."
            raise OSError(error.errno, message) from None
        raise


def load(path, device="cpu"):
    """Read what `save` wrote, or any other safetensors file, which gives a dict of Tensors.

    Tensors are made on `device`, with requires_grad False; arrays stay NumPy's.

    Raises ValueError, always with the file's name, for a file that is torn, damaged, forged or of another kind;
    FileNotFoundError, or another OSError, for one that cannot be read; RuntimeError where there is no such device.
    """
    device = devices.get(device)
    path = os.path.abspath(os.fsdecode(path))
    if not os.path.exists(path):
        raise FileNotFoundError(f"load: there is no file {path}.")
    if os.path.isdir(path):
        raise IsADirectoryError(f"load: {path} is a folder. Which file in it?")
    if not os.path.isfile(path):
        raise ValueError(f"load: {path} is not a file but a device or a pipe.")
    with open(path, "rb") as file:
        data = file.read()
    if data[8:9] != b"{":  # eight bytes of length, then JSON
        raise ValueError(f"load: {path} is not a safetensors file, or is torn off within its first bytes.")

    from safetensors import SafetensorError

    try:
        arrays, metadata = decode(data)
        if not any(name.startswith("minigrad") for name in metadata):
            return {name: Tensor(device.from_numpy(array)) for name, array in arrays.items()}
        structure = metadata.get("minigrad", "")
        if checksum(structure, arrays) != metadata.get("minigrad.checksum"):
            raise ValueError("it is damaged, for its contents do not match its checksum")
        obj = unpack(json.loads(structure), arrays, device)
        if arrays:
            raise ValueError(f"it holds {min(arrays)!r:.80}, which stands nowhere in its structure")
        return obj
    except SafetensorError as error:
        raise ValueError(f"load: {path} is torn or damaged: {error}. Use another copy of it.") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"load: {path} cannot be used: {error}.") from None


def decode(data):
    """The arrays of a safetensors file, by name and in the file's order, and its metadata.

    The library has checked, when it answers, that names, shapes, types and offsets fit each other and fill the file.
    """
    from safetensors import deserialize

    entries = dict(deserialize(data))
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None) or {}
    return {name: decode_array(name, **entries[name]) for name in header}, metadata


def decode_array(name, dtype, shape, data):
    if dtype not in DTYPES:
        raise ValueError(f"{name!r:.80} holds {dtype}, a type of number that NumPy lacks; have it saved as F32")
    array = np.frombuffer(data, DTYPES[dtype]).reshape(shape)
    if dtype == "BOOL" and array.view("u1").max(initial=0) > 1:
        raise ValueError(f"{name!r:.80} holds truth values that are neither 0 nor 1")
    return array


def unpack(node, arrays, device, depth=0):
    """What `pack` packed. Takes each array that it uses out of `arrays`."""
    if depth > DEEPEST:
        raise ValueError(f"it nests more than {DEEPEST} deep")
    if isinstance(node, PLAIN):
        return node
    match node:
        case {"tensor": str(name)} if name in arrays:
            return Tensor(device.from_numpy(arrays.pop(name)))
        case {"array": str(name)} if name in arrays:
            return arrays.pop(name)
        case {"dict": list(pairs)} if all(map(is_pair, pairs)):
            return {key: unpack(value, arrays, device, depth + 1) for key, value in pairs}
        case {"tuple": list(items)}:
            return tuple(unpack(item, arrays, device, depth + 1) for item in items)
        case list(items):
            return [unpack(item, arrays, device, depth + 1) for item in items]
    raise ValueError(f"its structure says {node!r:.80}")


def is_pair(pair):
    return isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], PLAIN)
