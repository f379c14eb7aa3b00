"""``python -m bench.constant_body SIZE``: a server that says the same bytes to everybody; what any answer must cost."""

import socket
import sys

import uvicorn
from starlette.types import Receive, Scope, Send


def main() -> None:
    """Serve on a free loopback port, which is printed, until SIGTERM."""
    body = b"x" * int(sys.argv[1])
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, server_header=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
