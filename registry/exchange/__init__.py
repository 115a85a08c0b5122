"""Records in and out: reading what people send, writing what machines ask for."""

from registry.exchange.reading import read
from registry.exchange.writing import MEDIA, serialise

__all__ = ["MEDIA", "read", "serialise"]
