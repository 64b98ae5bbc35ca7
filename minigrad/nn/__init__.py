"""Layers and losses: modules that hold parameters, over the functions of `nn.functional`.

parameter      Parameter, Buffer          what a module learns, and what it only remembers
module         Module                     how modules contain each other; saving and loading
containers     Sequential ModuleList ModuleDict
applied        Applied                    a function and its settings, as a module
activations    ReLU GELU Softmax ...      the functions between layers
layers         Linear Embedding ...       a layer is its parameters and one line of `functional`
images         Conv2d MaxPool2d ...
normalization  BatchNorm2d LayerNorm ...
recurrent      RNN LSTM GRU
attention      MultiheadAttention TransformerEncoderLayer
losses         MSELoss CrossEntropyLoss ...
functional     the formulas themselves
init           how parameters start
utils          gradients kept from growing too large
"""

from . import clip as utils
from . import functional, init
from .activations import (
    ELU,
    GELU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from .attention import MultiheadAttention, TransformerEncoderLayer
from .containers import ModuleDict, ModuleList, Sequential
from .images import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    ConstantPad1d,
    ConstantPad2d,
    Conv1d,
    Conv2d,
    ConvTranspose2d,
    MaxPool2d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReplicationPad1d,
    ReplicationPad2d,
    Unfold,
    Upsample,
    ZeroPad2d,
)
from .layers import Dropout, Dropout2d, Embedding, Flatten, Identity, Linear
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from .module import Module
from .normalization import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm
from .parameter import Buffer, Parameter
from .recurrent import GRU, LSTM, RNN
