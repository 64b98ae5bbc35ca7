"""Products of matrices and vectors, and `einsum`, of which they all are cases."""

from string import ascii_letters, ascii_lowercase, ascii_uppercase

import numpy as np

from .. import dtype as dtypes
from .. import ops
from ..tensor import Tensor, apply
from .indexing import masked_fill, number_as, same_type
from .pointwise import mul
from .reduction import sum as summed
from .shape import contiguous, expand, permute, reshape, squeeze, unsqueeze


def matmul(input, other):
    """Matrix product. A vector counts as a row on the left and as a column on the right; leading axes are broadcast."""
    x, y = same_type("matmul", input, other)
    if not x.ndim or not y.ndim:
        raise RuntimeError("matmul: both must have at least one axis. To multiply by a single number, use *.")
    row, column = x.ndim == 1, y.ndim == 1
    x = unsqueeze(x, 0) if row else x
    y = unsqueeze(y, 1) if column else y
    out = contiguous(apply(ops.matmul, x, y))
    if out.dtype == dtypes.bool and x.numel() and y.numel():
        raise NotImplementedError("matmul is not made for bools. Convert with .float() or .long() first.")
    out = squeeze(out, -2) if row else out
    return squeeze(out, -1) if column else out


def mm(input, mat2):
    """Of two matrices: (n, k) @ (k, m) -> (n, m)."""
    return matmul(*with_axes("mm", 2, input, 2, mat2))


def bmm(input, mat2):
    """Of as many matrices as there are on the other side: (N, n, k) @ (N, k, m) -> (N, n, m)."""
    x, y = with_axes("bmm", 3, input, 3, mat2)
    if len(x) != len(y):
        raise RuntimeError(f"bmm: {len(x)} matrices do not go with {len(y)}.")
    return matmul(x, y)


def mv(input, vec):
    """A matrix times a vector: (n, k) @ (k,) -> (n,)."""
    return matmul(*with_axes("mv", 2, input, 1, vec))


def dot(input, tensor):
    """Of two vectors of one length: the sum of the products."""
    return matmul(*with_axes("dot", 1, input, 1, tensor))


def outer(input, vec2):
    """Every element of one vector times every one of another: (n,), (m,) -> (n, m)."""
    x, y = with_axes("outer", 1, input, 1, vec2)
    return mul(unsqueeze(x, 1), y)


def addmm(input, mat1, mat2, *, beta=1, alpha=1):
    """beta * input + alpha * (mat1 @ mat2); a factor of 0 makes even nan 0."""
    same_type("addmm", input, mat1, mat2)
    out = mm(mat1, mat2)
    try:
        x = expand(input, out.shape)
    except RuntimeError:
        raise RuntimeError(f"addmm: {input.shape} does not stretch to {out.shape}, the shape of the product.") from None
    return scaled(x, beta) + scaled(out, alpha)


def einsum(equation, *operands):
    """Products of elements, summed over every index that the result does not have: einsum("ij,jk->ik", x, y) is x @ y.

    Each operand's axes are named by letters, `...` standing for any number of them; a letter twice means the diagonal.
    Without an arrow, the result has the letters that stand only once, in alphabetical order. Instead of letters there
    may be lists of numbers: einsum(x, [0, 1], y, [1, 2], [0, 2]).
    """
    if isinstance(equation, Tensor):
        equation, operands = lettered(equation, *operands)
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    terms, result = spelled_out(equation, operands)
    operands, terms = zip(*(diagonal(x, term) for x, term in zip(operands, terms)))
    sizes = sizes_of(operands, terms)
    if any(letter not in result and "".join(terms).count(letter) > 1 for letter in sizes):
        operands = same_type("einsum", *operands)
        if operands[0].dtype == dtypes.bool and all(x.numel() for x in operands):
            raise NotImplementedError("einsum adds up no bools. Convert with .float() or .long() first.")
    done = []
    for i, (x, term) in enumerate(zip(operands, terms)):
        needed = "".join((result, *terms[:i], *terms[i + 1 :]))
        lone = tuple(axis for axis, letter in enumerate(term) if letter not in needed)
        x = summed(x, lone) if lone else x
        terms = (*terms[:i], "".join(letter for letter in term if letter in needed), *terms[i + 1 :])
        done.append(expand(x, [sizes[letter] for letter in terms[i]]))
    if len(done) == 1:
        return permute(done[0], [terms[0].index(letter) for letter in result])
    dtype = dtypes.result_type(*(x.data for x in done))
    return contiguous(apply(ops.einsum, *(x.to(dtype) for x in done), equation=",".join(terms) + "->" + result))


def lettered(*parts):
    """(equation, operands) of operands that each have a list of numbers behind them, and perhaps one for the result."""
    letters = dict(enumerate(ascii_uppercase + ascii_lowercase)) | {...: "..."}
    try:
        terms = ["".join(letters[i] for i in part) for part in (*parts[1::2], *parts[len(parts) // 2 * 2 :])]
    except KeyError as error:
        raise ValueError(f"einsum: axes are named by numbers from 0 to 51, and got {error}.") from None
    count = len(parts) // 2
    return "->".join([",".join(terms[:count]), *terms[count:]]), parts[: 2 * count : 2]


def spelled_out(equation, operands):
    """(letters of each operand, letters of the result), with letters in place of every `...`."""
    if not isinstance(equation, str):
        raise TypeError(f'einsum wants an equation first, such as "ij,jk->ik", and got a {type(equation).__name__}.')
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    for term in (*terms, result):
        if wrong := set(term.replace("...", "", 1)) - set(ascii_letters):
            raise RuntimeError(f"einsum: axes are named by letters, and {equation!r} has {sorted(wrong)}.")
    if len(terms) != len(operands):
        raise RuntimeError(f"einsum: {equation!r} is for {len(terms)} operands, and got {len(operands)}.")
    free = [x.ndim - len(term.replace("...", "")) for x, term in zip(operands, terms)]
    for x, term, n in zip(operands, terms, free):
        if n < 0 or (n and "..." not in term):
            raise RuntimeError(f"einsum: {term!r} does not name the axes of a tensor of shape {x.shape}.")
    spare = [letter for letter in ascii_letters if letter not in equation]
    spare = "".join(spare[: max(free)])
    terms = [term.replace("...", spare[len(spare) - n :]) for term, n in zip(terms, free)]
    if not arrow:
        result = "..." + "".join(sorted(letter for letter in set(left) - set(".,") if left.count(letter) == 1))
    result = result.replace("...", spare)
    for letter in result:
        if result.count(letter) > 1 or not any(letter in term for term in terms):
            raise RuntimeError(f"einsum: in the result of {equation!r}, {letter!r} stands twice, or in no operand.")
    return terms, result


def diagonal(x, term):
    """x and its letters, of which none stands twice any more: of axes of one name, the diagonal is taken."""
    for letter in sorted(set(term)):
        while term.count(letter) > 1:
            a, b = term.index(letter), term.rindex(letter)
            if x.shape[a] != x.shape[b]:
                raise RuntimeError(f"einsum: {letter!r} stands for axes of different lengths, in shape {x.shape}.")
            rest = [i for i in range(x.ndim) if i not in (a, b)]
            n = x.shape[a]
            lines = reshape(permute(x, (*rest, a, b)), (*(x.shape[i] for i in rest), n * n))
            x = apply(ops.getitem, lines, index=(..., slice(None, None, n + 1)))
            term = "".join(term[i] for i in rest) + letter
    return x, term


def sizes_of(operands, terms):
    """How long the axis of each letter is; a length of 1 stretches."""
    sizes = {}
    for x, term in zip(operands, terms):
        for n, letter in zip(x.shape, term):
            if sizes.get(letter, 1) != 1 and n not in (1, sizes[letter]):
                raise RuntimeError(f"einsum: {letter!r} is {sizes[letter]} long in one operand, and {n} in another.")
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    return sizes


def scaled(x, factor):
    """factor * x, in the number type of x, and 0 if the factor is 0, whatever x is."""
    factor = number_as(x.dtype, factor).item()
    if factor == 0:
        return masked_fill(x, Tensor(np.ones_like(x.data, dtype=bool)), 0)
    return x if factor == 1 else x * factor


def with_axes(name, n, x, m, y):
    """x and y, if they have n and m axes."""
    if x.ndim != n or y.ndim != m:
        raise RuntimeError(f"{name} wants {n} and {m} axes; got shapes {x.shape} and {y.shape}. See also matmul.")
    return x, y
