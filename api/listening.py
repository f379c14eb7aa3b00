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
from api.guarding import LOCAL, SECRET, TLS_CERT, TLS_KEY, TRUSTED_PROXIES, Guarding
from api.patient_protocol import PatientConfig
from api.settings import BEHIND_LOOPBACK, Settings
from geo.errors import BadInput, Conflict, Refused
from geo.store.access_book import read_access
from geo.store.connect import connect

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
        require_safe(host, settings)
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


def require_safe(host: str, settings: Settings) -> None:
    """Refuse to listen where others can ask, until somebody looks after accounts and what is sent is encrypted.

    Raises
    ------
    Refused
        ``serve-beyond-loopback``, ``serve-without-secret``, ``serve-without-encryption``.
    """
    guarding = settings.guarding
    with connect(settings.url()) as connection:
        book = read_access(connection, anybody=guarding.anonymous, three_officers=guarding.three_officers)
    if not book.is_administered:
        raise Refused("serve-beyond-loopback", host=host, setting=BEHIND_LOOPBACK)
    if not guarding.secret:
        raise Refused("serve-without-secret", host=host, setting=SECRET)
    if not guarding.is_encrypted:
        raise Refused("serve-without-encryption", host=host, cert=TLS_CERT, key=TLS_KEY, proxies=TRUSTED_PROXIES)


def address_of(opened: socket.socket, guarding: Guarding = LOCAL) -> str:
    """Return the address that people type, such as ``http://127.0.0.1:8000``."""
    host, port = opened.getsockname()[:2]
    scheme = "https" if guarding.tls_cert else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def run_server(opened: socket.socket, app: FastAPI, settings: Settings) -> None:
    """Answer on a socket until Ctrl-C or SIGTERM, then finish what is under way and return."""
    log_to_stderr()
    with _staying_alive():
        uvicorn.Server(server_config(app, settings.limits.read_s, guarding=settings.guarding)).run(sockets=[opened])


def run_workers(opened: socket.socket, workers: int, settings: Settings) -> None:
    """Answer with several processes; each reads the settings from the environment."""
    log_to_stderr()
    opened.set_inheritable(True)
    with _staying_alive():
        read_s, guarding = settings.limits.read_s, settings.guarding
        config = server_config(FACTORY, read_s, guarding=guarding, workers=workers, factory=True)
        Multiprocess(config, sockets=[opened]).run()


def server_config(
    app: FastAPI | str, read_s: int, *, guarding: Guarding = LOCAL, workers: int = 1, factory: bool = False
) -> PatientConfig:
    """Return how the server runs.

    Parameters
    ----------
    read_s
        How long the head of a request may take.
    guarding
        Has the certificate, and the proxies that are believed.
    """
    return PatientConfig(
        app,
        read_s,
        factory=factory,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(guarding.trusted_proxies),
        forwarded_allow_ips=list(guarding.trusted_proxies),
        ssl_certfile=guarding.tls_cert,
        ssl_keyfile=guarding.tls_key,
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
