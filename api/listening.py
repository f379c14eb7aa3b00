"""Listening: one socket, opened before any work is done, and the server on it."""

import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.access_log import log_to_stderr
from api.patient_protocol import PatientConfig
from api.settings import BEHIND_LOOPBACK, Settings
from geo.errors import BadInput, Conflict, Refused

FACTORY: Final = "api.app:app_of_environment"
GRACE_S: Final = 10
"""How long answers under way may take after Ctrl-C."""
_BACKLOG: Final = 2048


@contextmanager
def listening(host: str, port: int, settings: Settings) -> Iterator[socket.socket]:
    """Open the port and hold it; who connects before the server runs waits.

    Raises
    ------
    Refused
        ``serve-beyond-loopback``.
    Conflict
        ``port-busy``.
    BadInput
        ``cannot-listen``: an unknown host, or a port that this user may not open.
    """
    family, address = _resolved(host, port)
    if not (settings.behind_loopback or ip_address(address[0]).is_loopback):
        raise Refused("serve-beyond-loopback", host=host, setting=BEHIND_LOOPBACK)
    with socket.socket(family, socket.SOCK_STREAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(address)
            opened.listen(_BACKLOG)
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE:
                raise Conflict("port-busy", host=host, port=port, other=_free_port(family, address[0])) from failure
            raise BadInput("cannot-listen", host=host, port=port, reason=failure.strerror) from failure
        yield opened


def address_of(opened: socket.socket) -> str:
    """Return the address that people type, such as ``http://127.0.0.1:8000``."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_server(opened: socket.socket, app: FastAPI, read_s: int) -> None:
    """Answer on a socket until Ctrl-C or SIGTERM, then finish what is under way and return."""
    log_to_stderr()
    with _staying_alive():
        uvicorn.Server(server_config(app, read_s)).run(sockets=[opened])


def run_workers(opened: socket.socket, workers: int, read_s: int) -> None:
    """Answer with several processes; each reads the settings from the environment."""
    log_to_stderr()
    opened.set_inheritable(True)
    with _staying_alive():
        Multiprocess(server_config(FACTORY, read_s, workers=workers, factory=True), sockets=[opened]).run()


def server_config(app: FastAPI | str, read_s: int, *, workers: int = 1, factory: bool = False) -> PatientConfig:
    """Return how the server runs; ``read_s`` is how long the head of a request may take."""
    return PatientConfig(
        app,
        read_s,
        factory=factory,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE_S,
    )


@contextmanager
def _staying_alive() -> Iterator[None]:
    """Let the process outlive the server: uvicorn raises the signal that stopped it once more at the end."""

    def ignore(number: int, frame: FrameType | None) -> None:
        """Do nothing: the server has stopped already."""

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as failure:
        raise BadInput("cannot-listen", host=host, port=port, reason=str(failure)) from failure
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


def _free_port(family: socket.AddressFamily, host: str) -> int:
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.bind((host, 0))
        return int(trial.getsockname()[1])
