"""PyTorch, as it runs if nothing else is asked for: eagerly, op by op."""

from functools import partial

import torch

from . import resident, torchlike
from .torchlike import pictures

WORKLOADS = {workload.__name__: partial(workload, torch) for workload in torchlike.WORKLOADS}
MEAN, STD = (0.49139968, 0.48215841, 0.44653091), (0.24703223, 0.24348513, 0.26158784)


def versions():
    gpu = {"GPU": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}
    return {"PyTorch": torch.__version__, "its kernels": torch.backends.cpu.get_cpu_capability(), **gpu}


def numpy(x):
    return x.detach().cpu().numpy()


def finish(device):
    if device != "cpu":
        torch.cuda.synchronize()


def peak(device):
    return resident() if device == "cpu" else torch.cuda.max_memory_reserved()


class Pictures(torch.utils.data.Dataset):
    """Pictures changed one by one, as torchvision's transforms do it."""

    def __init__(self, images, answers, chance):
        self.images, self.answers, self.chance = torch.tensor(images), torch.tensor(answers), chance
        self.mean, self.std = (torch.tensor(value).reshape(3, 1, 1) for value in (MEAN, STD))

    def __getitem__(self, index):
        image = self.images[index]
        if self.chance:
            image = torch.nn.functional.pad(image, (4, 4, 4, 4))
            top, left = torch.randint(9, (2,)).tolist()
            image = image[:, top : top + 32, left : left + 32]
            if torch.rand(1) < 0.5:
                image = image.flip(-1)
        return image.float().div_(255).sub_(self.mean).div_(self.std), self.answers[index]

    def __len__(self):
        return len(self.images)


def loader(device, chance=True):
    """An epoch of batches."""
    batches = torch.utils.data.DataLoader(Pictures(*pictures(), chance), batch_size=100, shuffle=chance)

    def step():
        for images, answers in batches:
            last = images.to(device), answers.to(device)
        return last

    return step


WORKLOADS["loader"] = loader
