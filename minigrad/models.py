"""The nets that are trained on CIFAR-10: pictures (N, 3, 32, 32) in, scores for ten classes (N, 10) out."""

from . import nn
from .nn import functional as F


class CNN(nn.Module):
    """Two convolutions, one pooling, two fully connected layers: 1.6 million parameters.

    It is the net of many tutorials, with what they often get wrong put right: three input channels; as many features as
    32 x 32 pictures give; raw scores at the end, since cross_entropy takes the log-softmax itself; and channels are
    dropped while there still are channels, single features after that.
    """

    def __init__(self):
        self.conv1 = nn.Conv2d(3, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout2d(0.25)
        self.fc1 = nn.Linear(64 * 14 * 14, 128)
        self.dropout2 = nn.Dropout(0.5)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))  # (N, 32, 30, 30)
        x = F.relu(self.conv2(x))  # (N, 64, 28, 28)
        x = F.max_pool2d(x, 2)  # (N, 64, 14, 14)
        x = self.dropout1(x)
        x = x.flatten(1)  # (N, 12544)
        x = F.relu(self.fc1(x))  # (N, 128)
        x = self.dropout2(x)
        return self.fc2(x)  # (N, 10)


class DeepCNN(nn.Module):
    """Seven convolutions, each with batch norm, pooled four times: 1.2 million parameters.

    Where the picture is halved the channels double, so that each of the later convolutions costs about the same. It
    is pooled before batch norm, which then has a quarter of the numbers to normalise.
    """

    def __init__(self):
        self.layers = nn.Sequential(
            convolution(3, 32),  # (N, 32, 32, 32)
            convolution(32, 64, pooled=True),  # (N, 64, 16, 16)
            convolution(64, 64),
            convolution(64, 128, pooled=True),  # (N, 128, 8, 8)
            convolution(128, 128),
            convolution(128, 256, pooled=True),  # (N, 256, 4, 4)
            convolution(256, 256),
            nn.MaxPool2d(4),  # (N, 256, 1, 1)
            nn.Flatten(),
            nn.Linear(256, 10),
        )

    def forward(self, x):
        return self.layers(x)


def convolution(channels, filters, pooled=False):
    """3 x 3 filters, batch norm and relu; `pooled`: to half the rows and columns. Batch norm has the bias."""
    pool = [nn.MaxPool2d(2)] if pooled else []
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, padding=1, bias=False), *pool, nn.BatchNorm2d(filters), nn.ReLU()
    )
