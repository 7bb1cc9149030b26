"""Machine code: loops over arrays compiled once, kept as object files, and loaded without numba.

Start at `jit`, which kernels use, and `machine_code`, which finds or makes their code. It knows nothing of what kernels
compute.
"""
