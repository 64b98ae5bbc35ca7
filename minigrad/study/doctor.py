"""The doctor: has this machine what the lessons need, and if not, what to do?

Each `examine_...` looks at one thing, by using it, and gives a `Finding`; `doctor()` gathers them. Its plain report has
words alone and says the same on every healthy machine; `doctor(verbose=True)` adds versions, for a bug report.
"""

import html
import importlib
import os
import platform
import shutil
import sys
from dataclasses import dataclass

INSTALL = "Run: python3 start.py (it installs what is missing)."
STATES = {"ok": "#2e8b57", "not here": "#808080", "slow": "#b8860b", "missing": "#c0392b", "broken": "#c0392b"}


@dataclass
class Finding:
    """One thing looked at: its name, what it is for, one of STATES, versions and the like, and what to do."""

    name: str
    purpose: str
    state: str = "ok"
    details: str = ""
    remedy: str = ""


def doctor(verbose=False):
    """Whether this machine has what minigrad needs, and how to get what is missing. Shown as a table in a notebook."""
    findings = [
        examine_python(),
        examine_packages("NumPy", "every number in minigrad", "numpy"),
        examine_packages("PyTorch", "the real thing, to compare with", "torch"),
        examine_packages("JupyterLab", "the lessons", "jupyterlab", "nbclient", "nbformat"),
        examine_packages("widgets", "what moves in a lesson", "ipywidgets", "anywidget"),
        examine_packages("plots", "curves and pictures", "matplotlib", "PIL"),
        examine_cuda(),
    ]
    if verbose:
        findings.insert(2, examine_blas())
    return Report(findings, verbose)


class Report:
    """What the doctor found. Reads well both printed and at the end of a notebook cell."""

    def __init__(self, findings, verbose=False):
        self.findings = findings
        self.verbose = verbose

    @property
    def healthy(self):
        """Whether nothing is missing or broken."""
        return not any(finding.state in ("missing", "broken") for finding in self.findings)

    @property
    def verdict(self):
        return "All is well." if self.healthy else "Something needs your help; see below."

    def rows(self):
        for finding in self.findings:
            yield finding, [finding.name, finding.state, finding.details if self.verbose else finding.purpose]

    def remedies(self):
        return [f"{finding.name}: {finding.remedy}" for finding in self.findings if finding.remedy]

    def __repr__(self):
        lines = [f"{name:12}{state:10}{rest}".rstrip() for _, (name, state, rest) in self.rows()]
        return "\n".join([*lines, self.verdict, *self.remedies()])

    def _repr_html_(self):
        lines = []
        for finding, (name, state, rest) in self.rows():
            colour = STATES[finding.state]
            lines.append(
                f'<tr><td style="text-align: left">{html.escape(name)}</td>'
                f'<td style="text-align: left; color: {colour}; font-weight: bold">{state}</td>'
                f'<td style="text-align: left">{html.escape(rest)}</td></tr>'
            )
        notes = "".join(f"<br>{html.escape(note)}" for note in self.remedies())
        return f"<table>{''.join(lines)}</table><p><b>{self.verdict}</b>{notes}</p>"


def examine_python():
    return Finding(
        "Python",
        "the interpreter",
        details=f"{platform.python_version()} ({sys.executable}) on {platform.platform()}",
    )


def examine_packages(name, purpose, *modules):
    """Packages that are ok when all of `modules` can be imported."""
    finding = Finding(name, purpose)
    versions = []
    for module in modules:
        try:
            package = importlib.import_module(module)
        except ModuleNotFoundError as error:
            finding.state = "missing"
            finding.remedy = f"there is no {error.name}. {INSTALL}"
        except Exception as error:  # a package can fail in any way when its libraries do not fit the system
            finding.state = "broken"
            finding.remedy = f"{module} is installed but does not load: {error}."
        else:
            versions.append(f"{module} {package.__version__}")
    finding.details = ", ".join(versions)
    return finding


def examine_blas():
    """The library under NumPy's matrix products, and whether it makes use of this CPU."""
    finding = Finding("BLAS", "matrix products")
    try:
        import numpy  # noqa: F401, so that its BLAS is there to be seen
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError as error:
        finding.state, finding.remedy = "missing", f"there is no {error.name}. {INSTALL}"
        return finding

    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    finding.details = ", ".join(
        f"{library['internal_api']} {library['version']}, {library.get('architecture', 'unknown')} kernels, "
        f"{library['num_threads']} threads"
        for library in libraries
    )
    if cpu_has_avx512() and any(library.get("architecture") in ("Haswell", "Zen") for library in libraries):
        finding.state = "slow"
        finding.remedy = (
            "this CPU has AVX-512, which its kernels leave unused; with it, products are up to twice as fast. "
            "Start with python3 start.py, or set OPENBLAS_CORETYPE=SkylakeX before Python starts "
            f"(now {os.environ.get('OPENBLAS_CORETYPE', 'not set')})."
        )
    return finding


def cpu_has_avx512():
    """Whether NumPy found the AVX-512 instructions that OpenBLAS's SkylakeX kernels use."""
    from numpy._core._multiarray_umath import __cpu_features__ as found

    return all(found.get(name) for name in ("AVX512F", "AVX512CD", "AVX512_SKX"))


def examine_cuda():
    """An NVIDIA GPU is a bonus: without one, nothing is missing."""
    finding = Finding("CUDA", "an NVIDIA GPU, where there is one")
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
        names = [cupy.cuda.runtime.getDeviceProperties(index)["name"].decode() for index in range(count)]
        finding.details = f"cupy {cupy.__version__}: {', '.join(names)}"
    except ModuleNotFoundError:
        if shutil.which("nvidia-smi"):
            finding.state = "missing"
            finding.remedy = "there is a GPU but no cupy. Run, in the project's folder: pip install -e '.[cuda]'"
        else:
            finding.state, finding.details = "not here", "no cupy, no nvidia-smi"
    except Exception as error:  # no driver, no device, or one too old: CuPy has an error for each
        finding.state, finding.details = "not here", str(error).strip()
    return finding


def main(words=()):
    """`python -m minigrad doctor`: the full report; exit status 1 where something is missing."""
    if words:
        print("usage: python -m minigrad doctor")
        return 0 if words[0] in ("-h", "--help") else 2
    report = doctor(verbose=True)
    print(report)
    return 0 if report.healthy else 1
