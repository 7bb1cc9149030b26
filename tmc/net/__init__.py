"""Networks: the PyTorch module, Algorithm 1, running and asking; `checkpoint/` files, `sparse/` the engine without torch.

Start at `rcnn`, what `tmc.load` returns. Only files named in `tests/test_layers.py` import torch.
"""
