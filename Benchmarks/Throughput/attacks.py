"""Attacks of hostile clients on a server. Each attack runs in a process of its own until its time is over."""

import contextlib
import itertools
import socket
import struct
import time

PIECE_BYTE_COUNT = 16 * 1024
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def connect(port, number=0, receive_buffer=None):
    """A connection from one of many loopback addresses, so that no run is short of ports."""
    one = socket.socket()
    if receive_buffer:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    one.settimeout(2)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((f"127.0.1.{number % 250 + 1}", 0))
    one.connect(("127.0.0.1", port))
    return one


def open_many(port, count, deadline, first=b"", receive_buffer=None):
    """Up to `count` connections that have sent their first bytes."""
    sockets = []
    for number in range(count):
        if time.monotonic() > deadline:
            break
        with contextlib.suppress(OSError):
            one = connect(port, number, receive_buffer)
            one.sendall(first)
            one.setblocking(False)
            sockets.append(one)
    return sockets


def send_some(one, data):
    """How much the socket took without waiting; None when the connection is over.

    In small pieces: a kernel may keep the core during a system call, and the polite client shares it.
    """
    sent = 0
    try:
        while sent < len(data):
            sent += one.send(data[sent : sent + PIECE_BYTE_COUNT])
    except BlockingIOError:
        pass
    except OSError:
        return None
    return sent


def read_some(one):
    """Reads what has arrived. Returns whether the connection is still open."""
    try:
        return bool(one.recv(1 << 18))
    except BlockingIOError:
        return True
    except OSError:
        return False


def drip(port, deadline, count, first, piece, pause):
    """Connections that never finish their requests."""
    sockets = open_many(port, count, deadline, first)
    while time.monotonic() < deadline:
        sockets = [one for one in sockets if send_some(one, piece) is not None]
        time.sleep(pause)
    return f"{len(sockets)} connections held"


def slow_heads(port, deadline):
    return drip(port, deadline, 2000, b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n", 0.5)


def slow_bodies(port, deadline):
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    return drip(port, deadline, 2000, head, b"slow", 0.5)


def slow_readers(port, deadline):
    """Requests large responses, pipelined, and never reads."""
    request = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 262144\r\n\r\n" + b"x" * 262144
    sockets = open_many(port, 200, deadline, receive_buffer=4096)
    sent = dict.fromkeys(sockets, 0)
    while time.monotonic() < deadline:
        for one in list(sent):
            count = send_some(one, request[sent[one] % len(request) :])
            if count is None:
                del sent[one]
            else:
                sent[one] += count
        time.sleep(0.02)
    return f"{len(sent)} connections held, {sum(sent.values()) >> 20} MB sent"


def idle(port, deadline):
    """Connections that are idle after one response."""
    sockets = open_many(port, 10_000, deadline, REQUEST)
    time.sleep(max(0, deadline - time.monotonic()))
    held = sum(read_some(one) and read_open(one) for one in sockets)
    return f"{held} connections held"


def read_open(one):
    """Whether a connection whose response was read is still open."""
    try:
        return bool(one.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False


def churn(port, deadline):
    request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    done = failed = 0
    while time.monotonic() < deadline:
        try:
            with connect(port, done) as one:
                one.sendall(request)
                while one.recv(4096):
                    pass
            done += 1
        except OSError:
            failed += 1
    return f"{done} connections, {failed} failed"


def flood(port, deadline, count, data, closes=False):
    """Sends the same bytes without end, as fast as they are accepted, and reads the responses."""
    sockets = open_many(port, count, deadline)
    sent = dict.fromkeys(sockets, 0)
    total = opened = 0
    while time.monotonic() < deadline:
        for one in list(sent):
            taken = send_some(one, data[sent[one] % len(data) :])
            goes_on = taken is not None and read_some(one)
            total += taken or 0
            sent[one] += taken or 0
            if not goes_on or (closes and sent[one] >= len(data)):
                one.close()
                del sent[one]
                opened += 1
                sent.update(dict.fromkeys(open_many(port, 1, deadline), 0))
    return f"{total >> 20} MB sent, {opened} connections were ended"


def pipelines(port, deadline):
    return flood(port, deadline, 50, REQUEST * 1000)


def large_heads(port, deadline):
    return flood(port, deadline, 50, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Filler: " + b"x" * 102_400, closes=True)


def endless_chunks(port, deadline):
    chunks = b"1\r\na\r\n" * 20_000
    sockets = open_many(port, 50, deadline, b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    # Chunks have one length, so a flood may go on with them wherever the last send ended.
    sent = dict.fromkeys(sockets, 0)
    refused = 0
    while time.monotonic() < deadline:
        for one in list(sent):
            taken = send_some(one, chunks[sent[one] % 6 :])
            sent[one] += taken or 0
            if taken is None or not read_some(one):
                one.close()
                del sent[one]
                refused += 1
                head = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                sent.update(dict.fromkeys(open_many(port, 1, deadline, head), 0))
    return f"{refused} were refused"


def half_closes(port, deadline):
    """FIN after a request, in a head, in a body, and at once."""
    beginnings = itertools.cycle(
        [REQUEST, REQUEST[:10], b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf", b""]
    )
    done = 0
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), connect(port, done) as one:
            one.sendall(next(beginnings))
            one.shutdown(socket.SHUT_WR)
            while one.recv(4096):
                pass
            done += 1
    return f"{done} connections"


def resets(port, deadline):
    """RST after, before and in the middle of requests, bodies and responses."""
    beginnings = itertools.cycle(
        [
            REQUEST,
            REQUEST[:10],
            REQUEST * 500,
            b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000,
            b"GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n",
            b"",
        ]
    )
    done = 0
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), connect(port, done) as one:
            one.setblocking(False)
            send_some(one, next(beginnings))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            done += 1
    return f"{done} connections"


def exhaustion(port, deadline):
    """More connections than the server may have descriptors; those turned away return."""
    held, tries = [], 0
    while time.monotonic() < deadline:
        opened = open_many(port, 600 - len(held), deadline, REQUEST)
        tries += len(opened)
        time.sleep(0.3)
        held = [one for one in held + opened if read_some(one)]
    return f"{len(held)} connections held, {tries} tried"
