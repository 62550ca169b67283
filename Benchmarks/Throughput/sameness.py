"""Whether two servers answer the same, so that comparing their speed means something."""

import re
import subprocess

import harness

BODY = "x" * 1024
PROBES = {
    "GET /": ["/"],
    "GET /json": ["/json"],
    "POST /echo": ["/echo", "--data-binary", BODY, "-H", "Content-Type: application/octet-stream"],
    "GET / with Connection: close": ["/", "-H", "Connection: close"],
}


def ask(server, probe):
    """Status, field lines in lower case, size of the head in bytes, and the body."""
    path, *arguments = PROBES[probe]
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "5", *arguments, server.url(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        harness.fail(f"{server.name} does not answer {probe}: {done.stderr.decode().strip()}")
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines)
    return status.split(" ", 2)[1], fields, len(head) + 4, body


def differences(server, reference):
    """Sentences on what differs. Those in the first list make a comparison void, those in the second are to know."""
    grave, slight = [], []
    for probe in PROBES:
        status, fields, size, body = ask(server, probe)
        expected_status, expected_fields, expected_size, expected_body = ask(reference, probe)
        where = f"{probe}: {server.name}"
        if status != "200" or expected_status != "200":
            grave.append(f"{where} answers {status}, {reference.name} {expected_status}")
        if _without_time(body) != _without_time(expected_body):
            grave.append(f"{where} sends the body {body[:80]!r}, {reference.name} {expected_body[:80]!r}")
        if size != expected_size:
            slight.append(f"{where} sends a head of {size} bytes, {reference.name} {expected_size}")
        for name in sorted(fields.keys() | expected_fields.keys()):
            mine, others = fields.get(name, "nothing"), expected_fields.get(name, "nothing")
            if name not in ("date", "content-length") and mine != others:
                slight.append(f"{where} sends {name}: {mine}, {reference.name} {others}")
    return grave, slight


def _without_time(body):
    """The body with every digit alike: the time in the JSON object goes on between two questions."""
    return re.sub(rb"[0-9]", b"0", body)
