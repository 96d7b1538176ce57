#!/usr/bin/python3
"""An HTTP proxy that opens tunnels (CONNECT), for tests.

usage: connect_proxy.py [--user NAME:PASSWORD] [--answer STATUS]

Listens on 127.0.0.1, prints {"port": N} when ready. A GET of any path answers {"tunnels": {"host:port": count},
"refused": count}. With --answer every CONNECT is answered with that status and a page; with 200 the page
comes once the client has spoken. It ends on SIGTERM or when the
process that started it is gone.
"""
import argparse
import asyncio
import base64
import collections
import json
import os


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # one side went away: so does the other
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--answer", type=int)
    options = parser.parse_args()
    tunnels = collections.Counter()
    refused = 0
    wanted = options.user and "Basic " + base64.b64encode(options.user.encode()).decode()

    def answer(writer, status, body, more=""):
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{more}\r\n{body}".encode())
        writer.close()

    async def serve(reader, writer):
        nonlocal refused
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return writer.close()
        method, target, _ = head[0].split(" ", 2)
        fields = {}
        for line in head[1:]:
            name, _, value = line.partition(": ")
            fields[name.lower()] = value
        if method != "CONNECT":
            return answer(writer, 200, json.dumps({"tunnels": tunnels, "refused": refused}))
        if fields.get("host") != target:
            refused += 1
            return answer(writer, 400, "Host and target differ")
        if wanted and fields.get("proxy-authorization") != wanted:
            refused += 1
            return answer(writer, 407, "who are you?", 'Proxy-Authenticate: Basic realm="x"\r\n')
        if options.answer:
            refused += 1
            if options.answer == 200:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
                await reader.read(1)
                writer.write(b"<html>a page</html>")
                return writer.close()
            return answer(writer, options.answer, "<html>a page</html>")
        host, _, port = target.rpartition(":")
        try:
            inside, outside = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError:
            refused += 1
            return answer(writer, 502, "nobody there")
        tunnels[target] += 1
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(copy(reader, outside), copy(inside, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.2)


asyncio.run(main())
