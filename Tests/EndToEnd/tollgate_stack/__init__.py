"""Starts a whole Tollgate (nginx, gateway, admin, tollgate-mock) in a folder of its own, and talks to it."""

from .client import REQUEST_ID, Answer, Client, StreamReader
from .configuration import MASTER_KEY, MODEL, PRICE, configuration
from .ledger import Ledger
from .mock import Mock
from .processes import Program, free_port, wait_until
from .scripted_provider import ScriptedProvider
from .stack import Stack, repository

__all__ = [
    "Answer",
    "Client",
    "Ledger",
    "MASTER_KEY",
    "MODEL",
    "Mock",
    "PRICE",
    "Program",
    "REQUEST_ID",
    "ScriptedProvider",
    "Stack",
    "StreamReader",
    "configuration",
    "free_port",
    "repository",
    "wait_until",
]
