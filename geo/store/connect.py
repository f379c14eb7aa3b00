"""Connections: one way to open them, always with our schema first and never as its owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.errors import Conflict, Unavailable
from geo.store.schema import APP_ROLE, SCHEMA


def open_engine(url: str, *, role: str | None = APP_ROLE, pool_size: int = 5, statement_s: int | None = None) -> Engine:
    """Return an engine on a database.

    Parameters
    ----------
    url
        ``postgresql://…``, as libpq reads it.
    role
        The role to act as: the app's, which owns nothing; None keeps the role of the URL (migrations only).
    pool_size
        Connections kept open.
    statement_s
        How long one statement may take; None for as long as it does.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        pool_size=pool_size,
        pool_pre_ping=True,
        # Errors end up in logs; what was asked (points, names, numbers) is personal data.
        hide_parameters=True,
        connect_args={"options": session_options(role, statement_s), "connect_timeout": 10},
    )


def session_options(role: str | None = APP_ROLE, statement_s: int | None = None) -> str:
    """Return what libpq sets in every session: our schema first, UTC, the role, and how long a statement may take."""
    options = f"-c search_path={SCHEMA},public -c timezone=UTC"
    if statement_s is not None:
        options += f" -c statement_timeout={statement_s}s"
    return options if role is None else f"{options} -c role={role}"


def driver_connection(connection: Connection) -> Any:
    """Return psycopg's own connection inside SQLAlchemy's transaction, for libraries that know only psycopg."""
    return connection.connection.driver_connection


@contextmanager
def connect(url: str, *, role: str | None = APP_ROLE) -> Iterator[Connection]:
    """Open one connection, and close it and its engine at the end; its statements may take as long as they do.

    Raises
    ------
    Unavailable
        Where the server cannot be reached, or goes away meanwhile.
    Conflict
        Where a rule of the database forbids what was written.
    """
    engine = open_engine(url, role=role, pool_size=1)
    try:
        with _refusing(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Borrow a connection that sees one state of the database all the time, and cannot change it.

    Raises
    ------
    Unavailable
        ``database-unreachable``: the server is down, goes away meanwhile, or all connections stay busy. The next call
        connects anew.
    """
    with _refusing(), engine.connect() as connection:
        yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Borrow a connection without an open transaction, to change something in transactions of the caller's own.

    Raises
    ------
    Unavailable, Conflict
        As :func:`connect`; also where all connections stay busy.
    """
    with _refusing(), engine.connect() as connection:
        yield connection


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the driver says into our refusals."""
    try:
        yield
    except PoolTimeout as failure:
        raise Unavailable("database-unreachable", reason="pool timeout") from failure
    except (OperationalError, InterfaceError) as failure:
        if isinstance(failure.orig, psycopg.errors.QueryCanceled):
            raise Unavailable("statement-too-slow") from failure
        raise Unavailable("database-unreachable", reason=first_line(failure)) from failure
    except psycopg.errors.QueryCanceled as failure:
        raise Unavailable("statement-too-slow") from failure
    except (psycopg.OperationalError, psycopg.InterfaceError) as failure:
        # COPY runs on the driver's own cursor
        raise Unavailable("database-unreachable", reason=str(failure).strip().splitlines()[0]) from failure
    except (IntegrityError, DataError, psycopg.IntegrityError, psycopg.DataError) as failure:
        # what follows the first line repeats the row, which may name a person
        raise Conflict("database-refused", reason=str(getattr(failure, "orig", failure)).splitlines()[0]) from None


def first_line(failure: OperationalError | InterfaceError) -> str:
    """Return what the server said, without SQL and parameters."""
    return str(failure.orig).strip().splitlines()[0] if failure.orig else "?"
