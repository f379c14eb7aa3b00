"""The service as people run it: real processes, asked over connections of which each belongs to one worker."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from geo.store.home import Home
from geo.store.shared_index import index_folder

START_S = 120


@dataclass
class ServiceProcess:
    """A service that runs: its process, its address, and what it wrote to its log."""

    process: subprocess.Popen
    address: str
    log: Path

    def client(self):
        """Return a client with one connection, which stays with the worker that took it."""
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        return httpx.Client(base_url=self.address, limits=limits, timeout=60, trust_env=False)

    @contextmanager
    def one_client_a_worker(self, workers):
        """Yield a client for each worker, by the worker's process id, once each has a city in memory."""
        with ExitStack() as opened:
            found = {}
            until = time.monotonic() + START_S
            while len(found) < workers:
                assert time.monotonic() < until, f"only {len(found)} of {workers} workers ever answered"
                client = opened.enter_context(self.client())
                pid, numbers = metrics(client)
                if numbers["gridwarden_edition"]:
                    found.setdefault(pid, client)
                else:
                    time.sleep(0.05)
            yield found


def metrics(client):
    """Return the worker's process id, and its numbers without labels by name."""
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith(("#", "gridwarden_req"))]
    (pid,) = {int(re.search(r'worker="(\d+)"', line)[1]) for line in lines}
    return pid, {line.split("{")[0]: float(line.split()[-1]) for line in lines}


@pytest.fixture(scope="session")
def metrics_of():
    return metrics


@pytest.fixture
def service(tmp_path):
    """Return a way to run ``gridwarden serve`` on a database, for as long as a ``with`` lasts."""
    folders = set()

    @contextmanager
    def running(url, workers=2, **environ):
        folders.add(index_folder(Home.at(tmp_path / "home"), url))
        log = tmp_path / f"service-{time.monotonic_ns()}.log"
        environment = {
            "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": url,
            "GRIDWARDEN_HOME": str(tmp_path / "home"),
            **environ,
        }
        command = [str(Path(sys.executable).with_name("gridwarden")), "serve", "--port", "0", "--workers", str(workers)]
        with log.open("w") as written:
            process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=written, text=True
            )
        try:
            said = process.stdout.readline()
            yield ServiceProcess(process, re.search(r"http://\S+?:\d+", said)[0], log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.communicate(timeout=60)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()

    yield running
    for folder in folders:
        shutil.rmtree(folder)
