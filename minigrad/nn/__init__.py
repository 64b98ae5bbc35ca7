"""Layers and losses: modules that hold parameters, over the functions of `nn.functional`.

parameter      Parameter, Buffer          what a module learns, and what it only remembers
module         Module                     how modules contain each other; saving and loading
containers     Sequential ModuleList ModuleDict
applied        ReLU MaxPool2d MSELoss ... layers and losses that are a function and its settings
layers         Linear Embedding ...       a layer is its parameters and one line of `functional`
images         Conv2d ZeroPad2d ...
normalization  BatchNorm2d LayerNorm ...
recurrent      RNN LSTM GRU
attention      MultiheadAttention TransformerEncoderLayer
functional     the formulas themselves
init           how parameters start
utils          gradients kept from growing too large
"""

from . import clip as utils
from . import functional, init
from .applied import *  # noqa: F403 - all of its table
from .attention import MultiheadAttention, TransformerEncoderLayer
from .containers import ModuleDict, ModuleList, Sequential
from .images import *  # noqa: F403
from .layers import Dropout, Dropout2d, Embedding, Flatten, Identity, Linear
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from .parameter import Buffer, Parameter
from .recurrent import GRU, LSTM, RNN
