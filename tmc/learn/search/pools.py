"""The workers of a search: threads of this process, or those of a Dask cluster (``turing-machine-compiler[cluster]``)."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tmc.diagnostics import Rejected
from tmc.version import how_to_install

Block = tuple[int, int, int]  # the number of its first candidate, how many there are, the mistakes that each may make
Leader = tuple[int, int]  # how many queries are answered rightly, and minus the number of the first that does: the largest is best
Work = Callable[[Any, Block], Leader]
AHEAD, AT_ONCE = 4, 1 << 10  # blocks that wait: for each thread, and on a cluster
REACH = 10.0  # seconds within which a scheduler has to answer


@dataclass(frozen=True, slots=True)
class Pool:
    """`leaders` of blocks, in any order, of which only some are asked for at a time. `block`: how many candidates are worth the
    trouble of one block, if they are small."""

    leaders: Callable[[Iterable[Block]], Iterable[Leader]]
    block: int


@contextmanager
def threads(work: Work, given: Any, workers: int | None) -> Iterator[Pool]:
    """So many threads, None for as many as there are cores. Numba's loops run side by side, so no processes are needed."""
    workers = workers or os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as executor:

        def leaders(blocks: Iterable[Block]) -> Iterator[Leader]:
            ahead: deque[Future[Leader]] = deque()
            try:
                for block in blocks:
                    if len(ahead) == AHEAD * workers:
                        yield ahead.popleft().result()
                    ahead.append(executor.submit(work, given, block))
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for one in ahead:  # the search was interrupted
                    one.cancel()

        yield Pool(leaders, 1 << 14)


@contextmanager
def cluster(work: Work, given: Any, address: str) -> Iterator[Pool]:
    """The workers of a Dask cluster whose scheduler has this address. Raises `Rejected` when nothing answers there, the package is
    missing, or the workers cannot do the work."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise Rejected(f"a cluster needs the package distributed: {how_to_install('cluster')}") from None
    try:
        with ThreadPoolExecutor(1) as aside:  # this thread may have an event loop already: a notebook's has
            aside.submit(asyncio.run, _reach(address)).result()  # a client that does not reach its scheduler leaves things behind
        client = Client(address, timeout=REACH)
    except (OSError, ValueError, TimeoutError) as error:
        raise Rejected(f"no scheduler of Dask answers at {address}: {_said(error)}") from None
    with client:
        with _explained(address):
            client.wait_for_workers(1, timeout=REACH)
            everywhere = client.scatter(given, broadcast=True)

        def leaders(blocks: Iterable[Block]) -> Iterator[Leader]:
            left = iter(blocks)
            while some := list(islice(left, AT_ONCE)):
                with _explained(address):
                    futures = client.map(lambda block, given: work(given, block), some, given=everywhere, pure=False)
                    found: list[Leader] = client.gather(futures)
                yield from found

        yield Pool(leaders, 1 << 18)


async def _reach(address: str) -> None:
    from distributed import Security
    from distributed.comm.core import connect

    comm = await connect(address, timeout=REACH, **Security().get_connection_args("client"))
    await comm.close()


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """What may go wrong with a cluster, in one line."""
    from distributed import KilledWorker

    try:
        yield
    except TimeoutError:
        raise Rejected(f"the Dask cluster at {address} has no workers") from None
    except (ImportError, OSError, KilledWorker, CancelledError) as error:
        raise Rejected(f"the Dask cluster at {address} cannot do it: {_said(error)}") from None


def _said(error: BaseException) -> str:
    """The first line of what an error says, or its kind."""
    return next(iter(str(error).splitlines()), type(error).__name__)
