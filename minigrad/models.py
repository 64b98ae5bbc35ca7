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
