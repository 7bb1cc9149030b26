"""From a network as plain numbers to a module of torch, for the engines that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tmc.net.described import Described

if TYPE_CHECKING:
    from tmc.net.network import Network


def module_of(network: Described) -> Network:
    """The network as it is now, its memory too, as a module of torch; a module itself. It is the same one each time."""
    from tmc.net.network import Network

    if isinstance(network, Network):
        return network
    plain = network.plain()
    if plain.as_module is None:
        plain.as_module = Network(plain.checkpoint)
    plain.as_module.set_memory(plain.memory_array())
    return plain.as_module
