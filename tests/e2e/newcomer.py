"""newcomer.py ROOT COMMAND WHO [DIRECTORY]: what somebody does who tries the bot for the first time: runs COMMAND at a
terminal below ROOT, types at the prompt of WHO, opens the page, leaves."""
import fcntl
import os
import pty
import select
import socket
import struct
import sys
import time
import urllib.request

DEADLINE = 1800  # seconds; of a build on a slow machine
SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x1 | 0x40


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", UP_AND_RUNNING))


def main():
    root, command, who = sys.argv[1:4]
    loopback_up()
    begun = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.chroot(root)
        os.chdir(sys.argv[4] if len(sys.argv) > 4 else "/")
        os.execve(command, [command], {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "xterm", "HOME": "/root"})
    seen = b""

    def wait(text):
        nonlocal seen
        while text not in seen:
            ready, _, _ = select.select([terminal], [], [], DEADLINE)
            try:
                data = os.read(terminal, 65536) if ready else b""
            except OSError:
                data = b""
            if not data:
                sys.exit(f"no {text!r} in:\n" + seen.decode(errors="replace")[-3000:])
            seen += data

    wait(who.encode() + b"> ")
    print(f"   prompt after {time.monotonic() - begun:.0f} s", flush=True)
    with urllib.request.urlopen("http://127.0.0.1:8088/", timeout=10) as answer:
        page = answer.read().decode()
    assert answer.status == 200 and "<html" in page, page[:500]
    seen = b""
    os.write(terminal, "新建 P0 网站无法访问\r".encode())
    wait(b"INC-")
    os.write(terminal, b"\x04")
    wait("警钟停了".encode())
    _, status = os.waitpid(process, 0)
    assert status == 0, status


main()
