"""The command, run by the server of this folder: same arguments, folder, environment, streams and exit code."""

import json
import os
import signal
import socket
import sys
from pathlib import Path

with socket.socket(socket.AF_UNIX) as server:
    server.connect(os.environ["QUICK_GRIDWARDEN"])
    asked = {"argv": ["gridwarden", *sys.argv[1:]], "cwd": str(Path.cwd()), "environ": dict(os.environ)}
    socket.send_fds(server, [json.dumps(asked).encode()], [0, 1, 2])
    said = server.makefile()
    process = int(said.readline())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: os.kill(process, number))
    code = int(said.readline() or 255)
sys.exit(code if code >= 0 else 128 - code)
