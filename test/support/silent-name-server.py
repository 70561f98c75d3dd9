"""Runs a program in a network of its own, whose name server takes every question and answers none.

Usage: silent-name-server.py RESOLV_CONF RECORD PROGRAM [ARGUMENT...], in new network and mount namespaces.
RECORD gets a line for each question: the type of what was asked for (1 for an IPv4 address).
"""

import fcntl
import socket
import struct
import subprocess
import sys
import threading

SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1

configuration, record, *program = sys.argv[1:]

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
subprocess.run(["mount", "--bind", configuration, "/etc/resolv.conf"], check=True)


def listen() -> None:
    with open(record, "a", buffering=1) as file:
        while True:
            question = server.recv(4096)
            end = question.index(b"\0", 12)
            file.write(f"{int.from_bytes(question[end + 1 : end + 3], 'big')}\n")


threading.Thread(target=listen, daemon=True).start()
sys.exit(subprocess.run(program).returncode)
