"""`python -m benchmarks.cifar10_pytorch`: the run of `python -m minigrad cifar10`, made by PyTorch.

Same pictures in the same order, same initial weights, same settings, same log, so that the two logs may be laid side by
side. Only the dropout masks are PyTorch's own.
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


def main(words=None):
    options = cifar10.parser().parse_args(words)
    run, test_loader = cifar10.prepared(options)  # for its weights and its batches
    model = CNN().to(options.device)
    model.load_state_dict({name: torch.tensor(value.numpy()) for name, value in run.model.state_dict().items()})
    torch.manual_seed(options.seed)
    optimizer = torch.optim.SGD(model.parameters(), options.lr, options.momentum, weight_decay=options.weight_decay)

    folder = cifar10.new_folder(options.out, "cifar10-pytorch")
    machine = {**cifar10.machine(options.device), "pytorch": torch.__version__, "threads": torch.get_num_threads()}
    cifar10.write(folder, {"run": cifar10.settings_of(options), "machine": machine})
    for epoch in range(1, options.epochs + 1):
        loss, seconds = train_epoch(model, optimizer, run.loader, options.device)
        row = {"epoch": epoch, "lr": options.lr, "loss": loss, "seconds": seconds}
        row.update(evaluate(model, test_loader, options.device))
        cifar10.write(folder, row)
        print(cifar10.summary(row), flush=True)


def train_epoch(model, optimizer, loader, device):
    """One pass; gives the mean loss, and the seconds spent in steps."""
    model.train()
    total, count, seconds = 0.0, 0, 0.0
    for inputs, labels in loader:
        start = time.perf_counter()
        inputs, labels = (torch.from_numpy(x.numpy()).to(device) for x in (inputs, labels))
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
        seconds += time.perf_counter() - start
    return total / count, seconds


@torch.no_grad()
def evaluate(model, loader, device):
    """How the model does on all of `loader`."""
    model.eval()
    total, right, count = 0.0, 0, 0
    for inputs, labels in loader:
        inputs, labels = (torch.from_numpy(x.numpy()).to(device) for x in (inputs, labels))
        scores = model(inputs)
        total += F.cross_entropy(scores, labels).item() * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        count += len(labels)
    return {"test_loss": total / count, "test_accuracy": right / count}


if __name__ == "__main__":
    main()
