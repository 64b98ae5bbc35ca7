"""`python -m minigrad cifar10`: train a net of `models` on CIFAR-10, watch it learn, stop it, go on.

Every run has a folder of its own, with a log (JSON lines: first the machine and the settings, then one line an epoch)
and a checkpoint. Nothing is ever written over.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

from . import data, device, kernels, optim, random
from .data import transforms
from .models import CNN, DeepCNN
from .nn import functional as F
from .train import Run, evaluate

CHECKPOINT, LOG = "checkpoint.safetensors", "log.jsonl"
NETS = {"CNN": CNN, "DeepCNN": DeepCNN}
RECIPES = {
    "chapter": {"net": "CNN", "epochs": 10, "batch_size": 100, "lr": 0.01},
    "better": {
        "net": "DeepCNN", "epochs": 10, "batch_size": 125, "lr": 0.2, "one_cycle": True, "nesterov": True,
        "weight_decay": 5e-4, "label_smoothing": 0.1, "augment": True,
    },
}  # fmt: skip
SETTINGS = (
    "full", "net", "epochs", "batch_size", "lr", "one_cycle", "momentum", "nesterov", "weight_decay", "label_smoothing",
    "augment", "seed", "device",
)  # fmt: skip
ONE_CYCLE = {"pct_start": 0.25, "cycle_momentum": False}
LOGGED_STEPS = 200  # of the first epoch, so that two libraries' logs can be compared step by step


def parser():
    name, what = "python -m minigrad cifar10", "Train a convolutional net on CIFAR-10."
    out = argparse.ArgumentParser(prog=name, description=what)
    root = os.environ.get("MINIGRAD_CIFAR10", Path.home() / ".cache" / "minigrad")
    add, yes_or_no = out.add_argument, argparse.BooleanOptionalAction
    add("--recipe", choices=RECIPES, default="chapter", help="sets all below that is not given itself (chapter)")
    add("--full", action="store_true", help="all 50,000 pictures (downloaded once), not the 2,000 that come along")
    add("--root", default=root, help="where all pictures are kept")
    add("--net", choices=NETS, help="which net of minigrad.models")
    add("--epochs", type=int, help="how often every picture is seen")
    add("--batch-size", type=int, help="pictures a step")
    add("--lr", type=float, help="learning rate; with --one-cycle the largest")
    add("--one-cycle", action=yes_or_no, default=False, help="let the learning rate rise, then fall to nothing")
    add("--momentum", type=float, default=0.9, help="momentum (0.9)")
    add("--nesterov", action=yes_or_no, default=False, help="Nesterov's momentum")
    add("--weight-decay", type=float, default=0.0, help="weight decay")
    add("--label-smoothing", type=float, default=0.0, help="share of the target that all classes get alike")
    add("--augment", action=yes_or_no, default=False, help="shift and mirror the pictures at random")
    add("--device", default="cpu", help="cpu or cuda (cpu)")
    add("--seed", type=int, default=0, help="of weights, order and dropout (0)")
    add("--workers", type=int, default=0, help="processes that prepare batches ahead (0)")
    add("--out", default="runs", help="folder of all runs (runs)")
    add("--resume", nargs="?", const="latest", metavar="RUN", help="go on with the latest run, or the folder named")
    return out


def parsed(words):
    """The options in `words`, the rest as the recipe says."""
    out = parser()
    first, _ = out.parse_known_args(words)
    if not first.resume:  # a run that goes on has its settings in its log
        out.set_defaults(**RECIPES[first.recipe])
    return out.parse_args(words)


def main(words=None):
    """Run the command; returns its exit status."""
    options = parsed(words)
    try:
        folder, options = resumed(options) if options.resume else (new_folder(options.out), options)
        return train(options, folder)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"cifar10: {error}", file=sys.stderr)
        return 1


def train(options, folder):
    """Train as the options say, writing to `folder`; returns 0, or 130 if stopped by Ctrl-C."""
    run, test_loader = prepared(options)
    if options.resume:
        run.load(folder / CHECKPOINT)
        print(f"Going on with {folder} in epoch {len(run.history) + 1}, after {run.steps} steps of it.")
    else:
        write(folder, {"run": settings_of(options), "machine": machine(options.device)})
        print(f"{run.model}\nTraining on {len(run.loader.dataset):,} pictures; log and checkpoint go to {folder}.")

    bar, losses, begun = ProgressBar(options.epochs), [], time.perf_counter()

    def measure(model):
        return evaluate(model, test_loader, device=options.device)

    def after_step(run):
        losses.append(run.last_loss)
        bar(run)

    def after_epoch(run):
        row = {**run.history[-1], "elapsed": round(time.perf_counter() - begun, 1)}
        if row["epoch"] == 1 and len(losses) == len(run.loader):
            row["losses"] = losses[:LOGGED_STEPS]
        write(folder, row)
        run.save(folder / CHECKPOINT)
        bar.close()
        print(summary(run.history[-1]))

    try:
        run.train(options.epochs, measure=measure, after_step=after_step, after_epoch=after_epoch)
    except KeyboardInterrupt:
        bar.close()
        run.save(folder / CHECKPOINT)
        print(f"\nStopped after a whole step, and saved. To go on: python -m minigrad cifar10 --resume {folder}")
        return 130
    return 0


def prepared(options):
    """A run at its beginning, and the loader of the test pictures."""
    device.get(options.device)
    random.manual_seed(options.seed)
    model = NETS[options.net]().to(options.device)
    loader, test_loader = loaders(options)
    rule = optim.SGD(
        model.parameters(), options.lr, options.momentum, weight_decay=options.weight_decay, nesterov=options.nesterov
    )
    steps = options.epochs * len(loader)
    schedule = optim.lr_scheduler.OneCycleLR(rule, options.lr, steps, **ONE_CYCLE) if options.one_cycle else None
    loss = partial(F.cross_entropy, label_smoothing=options.label_smoothing)
    return Run(model, rule, loader, loss=loss, scheduler=schedule, device=options.device), test_loader


def loaders(options):
    """The loaders of training and test pictures. The order is drawn from a stream of its own."""
    kind = partial(data.CIFAR10, options.root, download=True) if options.full else data.CIFAR10Subset
    normal = [transforms.ToFloat(), transforms.Normalize(data.CIFAR10.mean, data.CIFAR10.std)]
    changes = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()] if options.augment else []
    train_set = kind(train=True, transform=transforms.Compose([*changes, *normal]))
    test_set = kind(train=False, transform=transforms.Compose(normal))
    generator = random.Generator(options.seed)
    shuffled = {"shuffle": True, "num_workers": options.workers, "generator": generator}
    return data.DataLoader(train_set, options.batch_size, **shuffled), data.DataLoader(test_set, options.batch_size)


# ---- folders and logs ----


def new_folder(out, prefix="cifar10"):
    """A new folder for a run, named by the time."""
    name = time.strftime(f"{prefix}-%Y%m%d-%H%M%S")
    for number in itertools.count(1):
        folder = Path(out, name if number == 1 else f"{name}-{number}")
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder


def resumed(options):
    """The folder to go on with, and the options with the settings that its run began with."""
    if options.resume == "latest":
        found = sorted(Path(options.out).glob(f"cifar10-*/{CHECKPOINT}"), key=lambda path: path.stat().st_mtime)
        if not found:
            raise FileNotFoundError(f"--resume: no run in {options.out}/ has a checkpoint yet.")
        folder = found[-1].parent
    else:
        folder = Path(options.resume)
    try:
        with open(folder / LOG, encoding="utf-8") as file:
            settings = settings_of(parsed([])) | json.loads(file.readline())["run"]  # older logs lack some
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"--resume: {folder} holds no {LOG}, so it is not the folder of a run.") from None
    except (ValueError, KeyError):
        raise ValueError(f"--resume: the first line of {folder / LOG} does not say how the run began.") from None
    if settings["one_cycle"] and options.epochs not in (None, settings["epochs"]):
        raise ValueError(
            f"--resume: this run's one cycle was planned for {settings['epochs']} epochs. Leave --epochs out."
        )
    if options.epochs is not None:
        settings["epochs"] = options.epochs
    vars(options).update({name: settings[name] for name in SETTINGS})
    return folder, options


def settings_of(options):
    """What the log keeps of the options."""
    return {name: vars(options)[name] for name in SETTINGS}


def write(folder, row):
    """Add one line to the log."""
    with open(folder / LOG, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def summary(row):
    """One line for a finished epoch."""
    return "epoch {epoch:2}   loss {loss:.4f}   test accuracy {test_accuracy:7.2%}   {seconds:.1f} s".format(**row)


def machine(device_name):
    """What the run is computed on and with: hardware and versions."""
    from . import __version__

    processor = platform.processor()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), processor)
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor,
        "cores": os.cpu_count(),
        "threads": kernels.thread_count(),
        "device": device_name,
        "minigrad": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


class ProgressBar:
    """How far the epoch has come and its loss so far, on one line; with tqdm, if that is installed."""

    def __init__(self, epochs):
        self.epochs, self.bar = epochs, None

    def __call__(self, run):
        if self.bar is None:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            title, total, begun = f"epoch {len(run.history) + 1}/{self.epochs}", len(run.loader), run.steps - 1
            self.bar = tqdm(desc=title, total=total, initial=begun, unit=" steps", leave=False, disable=None)
        self.bar.set_postfix(loss=f"{run.loss_sum / run.seen:.4f}", refresh=False)
        self.bar.update()

    def close(self):
        if self.bar is not None:
            self.bar.close()
            self.bar = None
