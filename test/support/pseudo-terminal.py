"""
Runs a program on a terminal of its own. Reads orders from stdin, one JSON object a line: {"keys": TEXT},
{"size": [COLUMNS, ROWS]} or {"signal": NUMBER}; writes what the program paints to stdout. Its last words on
stderr are {"code": N, "restored": BOOL}: how the program ended, and whether the terminal's settings are as before.
"""
import fcntl, json, os, select, signal, struct, sys, termios

columns, rows, *command = sys.argv[1:]
master, slave = os.openpty()


def resize(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


resize(columns, rows)
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(slave, stream)
    os.closerange(3, 256)
    os.execvp(command[0], command)

orders, status, held = 0, None, b""
while True:
    ready, _, _ = select.select([master] + ([0] if orders is not None else []), [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
        continue
    if 0 in ready:
        data = os.read(0, 65536)
        if data == b"":
            orders = None
            os.kill(child, signal.SIGKILL)
        *lines, held = (held + data).split(b"\n")
        for order in map(json.loads, lines):
            if "keys" in order:
                os.write(master, order["keys"].encode())
            elif "size" in order:
                resize(*order["size"])
                os.kill(child, signal.SIGWINCH)
            else:
                os.kill(child, order["signal"])
        continue
    if status is not None:
        break
    pid, ended = os.waitpid(child, os.WNOHANG)
    if pid:
        status = ended
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"code": code, "restored": termios.tcgetattr(slave) == before}), file=sys.stderr)
