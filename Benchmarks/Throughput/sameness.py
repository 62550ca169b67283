"""Whether two servers send the same responses, so that a comparison of their speed is meaningful."""

import http.client
import json

BODY = b"0123456789abcdef" * 64


def responses(server, paths):
    """Status, field lines and body of each path's response."""
    return {path: _ask(server, path) for path in paths}


def difference(wanted, found):
    """Whether the comparison is invalid, and a sentence about the difference, if any."""
    (wanted_status, wanted_fields, wanted_body), (status, fields, body) = wanted, found
    if status != 200 or wanted_status != 200:
        return True, f"responds with {status}, and not {wanted_status}"
    if _comparable(body) != _comparable(wanted_body):
        return True, f"sends the body {body[:60]!r}, and not {wanted_body[:60]!r}"
    unequal = []
    for name in sorted(fields.keys() | wanted_fields.keys()):
        mine, others = fields.get(name, "nothing"), wanted_fields.get(name, "nothing")
        if name not in ("date", "content-length") and mine != others:
            unequal.append(f"{name}: {mine} instead of {others}")
    return False, "sends " + ", ".join(unequal) if unequal else ""


def _ask(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        if path == "/echo":
            connection.request("POST", path, BODY, {"Content-Type": "application/octet-stream"})
        else:
            connection.request("GET", path)
        response = connection.getresponse()
        fields = {name.lower(): value.lower() for name, value in response.getheaders()}
        return response.status, fields, response.read()
    finally:
        connection.close()


def _comparable(body):
    """A body; of a JSON object with the time in it, all but the time, which changes between requests."""
    if not body.startswith(b"{"):
        return body
    decoded = json.loads(body)
    decoded["time"] = isinstance(decoded.get("time"), int)
    return decoded
