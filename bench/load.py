"""Browsers that press the button: a process of its own, so that it does not share the portal's interpreter.

Reads one JSON object from standard input: port, posts, together. The posts of one group start at the same instant,
``together`` says how many groups are under way at once. Writes milliseconds and status of each post.
"""

import http.client
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode


def press(port: int, post: dict[str, Any], gate: threading.Barrier | None = None) -> dict[str, Any]:
    """Send one form as a browser does, on a connection of its own."""
    cookies = post["cookies"]
    body = urlencode(post["form"])
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": next(value for name, value in cookies.items() if "csrf" in name),
    }
    if gate is not None:
        gate.wait()
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", post["address"], body, headers)
        answer = connection.getresponse()
        answer.read()
        return {"ms": (time.perf_counter() - started) * 1000, "status": answer.status}
    finally:
        connection.close()


def press_together(port: int, group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send the posts of a group at the same instant."""
    if len(group) == 1:
        return [press(port, group[0])]
    gate = threading.Barrier(len(group))
    with ThreadPoolExecutor(len(group)) as pool:
        return list(pool.map(lambda post: press(port, post, gate), group))


def main() -> None:
    """Send everything, and say how long it took."""
    order = json.load(sys.stdin)
    started = time.perf_counter()
    with ThreadPoolExecutor(order["together"]) as pool:
        answers = list(pool.map(lambda group: press_together(order["port"], group), order["posts"]))
    print(json.dumps({"seconds": time.perf_counter() - started, "answers": answers}))


if __name__ == "__main__":
    main()
