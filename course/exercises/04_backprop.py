# %% [markdown]
# # 04 · Backprop: exercises

# %% tags=["nbval-ignore-output"]
import numpy as np

import minigrad as mg
from minigrad.study import *

# %% [markdown]
# ## A product

# %% exercise="mul"
