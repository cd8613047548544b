"""Who waits for whom: dependencies between items, and the network of value streams that they make."""

from pegel.network.chains import Chains, chains_of
from pegel.network.dependencies import Dependencies, dependencies
from pegel.network.load_transfer import LoadTransfer, WeeklyFlow, load_transfer, weekly_flow
from pegel.network.streams import StreamNetwork, edges_of, if_relieved, stream_network

__all__ = [
    "Chains",
    "Dependencies",
    "LoadTransfer",
    "StreamNetwork",
    "WeeklyFlow",
    "chains_of",
    "dependencies",
    "edges_of",
    "if_relieved",
    "load_transfer",
    "stream_network",
    "weekly_flow",
]
