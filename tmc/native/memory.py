"""Reading and writing at addresses, inside kernels: an index costs a tenth of a step's time more.

Nothing is checked. An address is one of an array that lives as long as the kernel runs. See `tmc.native.intrinsics`.
"""

from __future__ import annotations

from typing import Any

from tmc.native.written import Intrinsic

field: Any = Intrinsic("field")  # field(address): the eight bytes there, as an unsigned number
cell: Any = Intrinsic("cell")  # cell(address): the four bytes there, as an unsigned number
put: Any = Intrinsic("put")  # put(address, number): writes the low four bytes of a number there
