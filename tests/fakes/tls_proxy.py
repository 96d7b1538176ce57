#!/usr/bin/python3
"""A TLS-terminating proxy for tests: what stands in front of a bot in production.

usage: tls_proxy.py --cert FILE --key FILE --to PORT

Listens on 127.0.0.1, prints {"port": N} when ready, passes bytes to 127.0.0.1:PORT. It ends on SIGTERM or when the
process that started it is gone.
"""
import argparse
import asyncio
import json
import os
import ssl


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass  # one side went away: so does the other
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--to"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)

    async def serve(reader, writer):
        try:
            inside, outside = await asyncio.open_connection("127.0.0.1", int(options.to))
        except OSError:
            return writer.close()
        await asyncio.gather(copy(reader, outside), copy(inside, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.3)


asyncio.run(main())
