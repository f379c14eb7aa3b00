"""Run commands in processes of their own, forked from one that has imported what they need.

A command spends most of its time importing. What depends on the environment and the arguments, the package ``api``,
is imported anew for each.

Usage: ``server.py SOCKET``. A client sends its three standard streams with ``{"argv", "cwd", "environ"}`` and gets the
process id, and at the end the exit code, a line each.
"""

import gc
import json
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

MOST_BYTES = 1 << 20


def preload() -> None:
    from api.command import COMMANDS

    for module, _, _ in COMMANDS.values():
        import_module(module)
    for name in [name for name in sys.modules if name.split(".")[0] == "api"]:
        del sys.modules[name]
    gc.freeze()


def answer(connection: socket.socket) -> None:
    """Run one command; in the process that runs it this returns, everywhere else it does not."""
    request, streams, _, _ = socket.recv_fds(connection, MOST_BYTES, 3)
    asked = json.loads(request)
    child = os.fork()
    if child == 0:
        connection.close()
        become(asked, streams)
        return
    for stream in streams:
        os.close(stream)
    connection.sendall(b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def become(asked: dict[str, object], streams: list[int]) -> None:
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(asked["environ"])  # type: ignore[call-overload]
    sys.argv = list(asked["argv"])  # type: ignore[call-overload]


def listen(path: str) -> None:
    """Fork for each client; return only where a command is to be run."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            connection, _ = door.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                door.close()
                answer(connection)
                return
            connection.close()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    preload()
    listen(sys.argv[1])
    from api.command import main

    main()
