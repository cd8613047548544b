"""Who waits for whom: dependencies between items, and the network of value streams that they make."""

from pegel.network.dependencies import Dependencies, dependencies
from pegel.network.streams import StreamNetwork, if_relieved, stream_network

__all__ = ["Dependencies", "StreamNetwork", "dependencies", "if_relieved", "stream_network"]
