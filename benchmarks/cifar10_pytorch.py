"""`python -m benchmarks.cifar10_pytorch`: the run of `python -m minigrad cifar10`, made by PyTorch.

Same pictures in the same order, changed in the same way, same initial weights, same settings, same log, so that the two
logs may be laid side by side. Only dropout masks, where the net has dropout, are PyTorch's own.
"""

import time

import torch
from torch import nn
from torch.nn import functional as F

from minigrad import cifar10


class CNN(nn.Module):
    """`minigrad.models.CNN`, written for PyTorch."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout2d(0.25)
        self.fc1 = nn.Linear(64 * 14 * 14, 128)
        self.dropout2 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = self.dropout2(F.relu(self.fc1(x.flatten(1))))
        return self.fc2(x)


class DeepCNN(nn.Module):
    """`minigrad.models.DeepCNN`, written for PyTorch."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            convolution(3, 32),
            convolution(32, 64, pooled=True),
            convolution(64, 64),
            convolution(64, 128, pooled=True),
            convolution(128, 128),
            convolution(128, 256, pooled=True),
            convolution(256, 256),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Linear(256, 10),
        )

    def forward(self, x):
        return self.layers(x)


def convolution(channels, filters, pooled=False):
    pool = [nn.MaxPool2d(2)] if pooled else []
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, padding=1, bias=False), *pool, nn.BatchNorm2d(filters), nn.ReLU()
    )


NETS = {"CNN": CNN, "DeepCNN": DeepCNN}


class Run:
    """A model of PyTorch's, with what it learns by, made to begin where a run of minigrad's begins."""

    def __init__(self, options, beginning):
        self.model, self.device = NETS[options.net]().to(options.device), options.device
        state = {name: torch.tensor(value.numpy()) for name, value in beginning.model.state_dict().items()}
        self.model.load_state_dict(state)
        self.optimizer = torch.optim.SGD(
            self.model.parameters(),
            options.lr,
            options.momentum,
            weight_decay=options.weight_decay,
            nesterov=options.nesterov,
        )
        self.scheduler = None
        if options.one_cycle:
            total = options.epochs * len(beginning.loader)
            schedule = torch.optim.lr_scheduler.OneCycleLR
            self.scheduler = schedule(self.optimizer, options.lr, total, **cifar10.ONE_CYCLE)
        self.loss = nn.CrossEntropyLoss(label_smoothing=options.label_smoothing)

    def step(self, inputs, labels):
        """Learn from one batch; gives its loss."""
        self.optimizer.zero_grad()
        loss = self.loss(self.model(inputs), labels)
        loss.backward()
        self.optimizer.step()
        if self.scheduler:
            self.scheduler.step()
        return loss.item()

    def batches(self, loader):
        for batch in loader:
            yield [torch.from_numpy(x.numpy()).to(self.device) for x in batch]

    def epoch(self, loader):
        """One pass; gives the losses of its steps, their mean over samples, and the seconds spent in steps."""
        self.model.train()
        losses, total, count, seconds = [], 0.0, 0, 0.0
        for inputs, labels in self.batches(loader):
            start = time.perf_counter()
            losses.append(self.step(inputs, labels))
            seconds += time.perf_counter() - start
            total += losses[-1] * len(labels)
            count += len(labels)
        return losses, total / count, seconds

    @torch.no_grad()
    def evaluate(self, loader):
        """How the model does on all of `loader`."""
        self.model.eval()
        total, right, count = 0.0, 0, 0
        for inputs, labels in self.batches(loader):
            scores = self.model(inputs)
            total += F.cross_entropy(scores, labels).item() * len(labels)
            right += (scores.argmax(1) == labels).sum().item()
            count += len(labels)
        return {"test_loss": total / count, "test_accuracy": right / count}


def main(words=None):
    """Train as the words say, which are those of `python -m minigrad cifar10`; gives the folder of the log."""
    options, begun = cifar10.parsed(words), time.perf_counter()
    beginning, test_loader = cifar10.prepared(options)
    torch.manual_seed(options.seed)
    run = Run(options, beginning)

    folder = cifar10.new_folder(options.out, "cifar10-pytorch")
    machine = {**cifar10.machine(options.device), "pytorch": torch.__version__, "threads": torch.get_num_threads()}
    cifar10.write(folder, {"run": cifar10.settings_of(options), "machine": machine})
    for epoch in range(1, options.epochs + 1):
        losses, loss, seconds = run.epoch(beginning.loader)
        lr = run.optimizer.param_groups[0]["lr"]
        row = {"epoch": epoch, "lr": lr, "loss": loss, "seconds": seconds, **run.evaluate(test_loader)}
        row["elapsed"] = round(time.perf_counter() - begun, 1)
        if epoch == 1:
            row["losses"] = losses[: cifar10.LOGGED_STEPS]
        cifar10.write(folder, row)
        print(cifar10.summary(row), flush=True)
    return folder


if __name__ == "__main__":
    main()
