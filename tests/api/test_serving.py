"""The commands ``serve`` and ``demo`` as people run them: real processes on a loopback port."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from geo.store.cluster import Cluster

GRIDWARDEN = (str(Path(sys.executable).with_name("gridwarden")),)


def environment(**more):
    return {**os.environ, "PYTHONUNBUFFERED": "1", **{name: str(value) for name, value in more.items()}}


@contextmanager
def running(*arguments, **environ):
    """Run a command in the background; killed at the end if it has not ended by itself."""
    process = subprocess.Popen(
        [*GRIDWARDEN, *arguments],
        env=environment(**environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def answered(port, path="/health", seconds=60):
    """Ask until there is an answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=seconds, trust_env=False)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def refused(*arguments, **environ):
    """Run a command that ends at once with a sentence; return the sentence."""
    done = subprocess.run(
        [*GRIDWARDEN, *arguments], env=environment(**environ), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2, (done.stdout, done.stderr)
    return done.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_until_it_is_told_to_stop(city_url, stop):
    port = free_port()
    with running("serve", "--port", str(port), "--lang", "en", DATABASE_URL=city_url) as process:
        assert answered(port).json()["status"] == "ok"
        answered(port, "/api/v1/locate?lon=104.2802048&lat=30.1859716&crs=cgcs2000")
        process.send_signal(stop)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0, said
    assert f"Serving at http://127.0.0.1:{port}" in said
    assert said.rstrip().endswith("Stopped.")
    assert "GET /api/v1/locate 200" in said
    assert "104.28" not in said
    assert "Traceback" not in said


def test_several_workers_answer_and_stop(city_url):
    port = free_port()
    with running("serve", "--port", str(port), "--workers", "2", DATABASE_URL=city_url) as process:
        assert answered(port).status_code == 200
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert "GET /health 200" in said


def test_a_busy_port_is_said_with_how_to_choose_another(city_url):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("serve", "--port", str(port), "--lang", "en", DATABASE_URL=city_url)
    assert f"Port {port} of 127.0.0.1 is in use" in said
    other = int(re.search(r"--port (\d+)", said)[1])
    assert other != port


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_nothing_listens_beyond_the_loopback(city_url, host):
    said = refused("serve", "--host", host, "--port", "0", "--lang", "en", DATABASE_URL=city_url)
    assert "no accounts yet" in said
    assert "GRIDWARDEN_BEHIND_LOOPBACK=1" in said


def test_inside_a_container_it_may_listen_for_the_loopback_outside(city_url):
    port = free_port()
    arguments = ("serve", "--host", "0.0.0.0", "--port", str(port))
    with running(*arguments, DATABASE_URL=city_url, GRIDWARDEN_BEHIND_LOOPBACK=1) as process:
        assert answered(port).status_code == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_a_database_without_tables_is_said_before_anything_is_served(cluster):
    said = refused("serve", "--port", "0", "--lang", "en", DATABASE_URL=cluster.url("owner"))
    assert "gridwarden db upgrade" in said


def test_an_unknown_host_is_said(city_url):
    assert "cannot be opened" in refused("serve", "--host", "no such host", "--lang", "en", DATABASE_URL=city_url)


@pytest.mark.slow
def test_the_demo_loads_once_shows_an_answer_and_stops_its_database(tmp_path, city_url):
    home, port = tmp_path / "demo", free_port()
    arguments = ("demo", "--port", str(port), "--lang", "en")
    said = []
    for stop in (signal.SIGINT, signal.SIGTERM):
        # A database that the environment names must not be touched, so this one need not even exist.
        with running(*arguments, GRIDWARDEN_HOME=home, DATABASE_URL="postgresql://nobody@/nothing") as process:
            assert answered(port).json()["edition"] == 12
            assert answered(port, "/maps").status_code == 200
            process.send_signal(stop)
            said.append(process.communicate(timeout=60)[0])
            assert process.returncode == 0, said
        assert not Cluster(home).status().running
    assert "importing grids.geojson" in said[0]
    assert "importing" not in said[1]
    for text in said:
        for path in ("/", "/maps", "/docs"):
            assert f"http://127.0.0.1:{port}{path}" in text
        assert '"status": "found", "grid": "519801001001001"' in text


def test_the_demo_looks_at_the_port_before_it_does_any_work(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused("demo", "--port", str(taken.getsockname()[1]), GRIDWARDEN_HOME=tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
def test_the_demo_leaves_another_city_alone(tmp_path):
    home, port = tmp_path / "demo", free_port()
    with running("demo", "--port", str(port), GRIDWARDEN_HOME=home) as process:
        answered(port)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    said = refused("demo", "--port", str(port), "--grids", "220", "--lang", "en", GRIDWARDEN_HOME=home)
    assert "does not hold this sample city (220 grids)" in said
    assert not Cluster(home).status().running
