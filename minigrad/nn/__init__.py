"""Layers and losses: modules that hold parameters, over the functions of `nn.functional`.

parameter    Parameter, Buffer          what a module learns, and what it only remembers
module       Module                     how modules contain each other; saving and loading
layers       Linear Conv2d ...          a layer is its parameters and one line of `functional`
losses       MSELoss CrossEntropyLoss ...
functional   the formulas themselves
init         how parameters start
utils        gradients kept from growing too large
"""

from . import clip as utils
from . import functional, init
from .layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Identity,
    Linear,
    LogSoftmax,
    MaxPool2d,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from .losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss
from .module import Module
from .parameter import Buffer, Parameter
