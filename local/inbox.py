"""The demo's inbox: the e-mails that the portal wrote into a folder, as a page. Everybody's; on this machine only.

`python -m local.inbox PORT FOLDER`
"""

import email
import email.policy
import re
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

# Django's file backend ends each message so.
_BETWEEN = b"\n" + b"-" * 79 + b"\n"
_KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.[0-9]+")
# A message may look as it likes, load nothing and run nothing; its links open in the whole window.
_MESSAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'"
_SANDBOX = "allow-top-navigation-by-user-activation"

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e4e6eb, #262a33); --soft: light-dark(#5f6675, #949bab);
  --link: light-dark(#2f42c2, #a5b3ff) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 52rem; padding: 1.5rem 1rem 3rem; font: 0.9375rem/1.5 system-ui, sans-serif;
  background: light-dark(#f6f7f9, #0d0f13); color: light-dark(#14161c, #eceef3) }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0.25rem 0 0.5rem; overflow-wrap: anywhere }
a { color: var(--link) }
p { margin: 0.25rem 0 }
ol, dl, pre, iframe { margin: 1rem 0 0; padding: 0; border: 1px solid var(--line); border-radius: 12px;
  background: light-dark(#ffffff, #15171d) }
li { list-style: none; padding: 0.75rem 1rem; border-bottom: 1px solid var(--line) }
li:last-child { border: 0 }
li a { font-weight: 600; text-decoration: none; overflow-wrap: anywhere }
.soft { color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.25rem 1rem; padding: 0.75rem 1rem }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
iframe { width: 100%; height: 44rem; display: block }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin-top: 1rem }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none }
"""


class Mail(NamedTuple):
    """One message and its address on the page."""

    key: str
    message: EmailMessage

    def part(self, kind: str) -> str:
        """The text of its ``html`` or ``plain`` part."""
        found = self.message.get_body((kind,))
        return str(found.get_content()) if found else ""


def mails(folder: Path) -> Iterator[Mail]:
    """The messages of the folder, newest first."""
    for file in sorted(folder.glob("*.log"), reverse=True):
        written = [one for one in file.read_bytes().split(_BETWEEN) if one.strip()]
        for number, one in reversed(list(enumerate(written))):
            read = email.message_from_bytes(one, policy=email.policy.default)
            if isinstance(read, EmailMessage):
                yield Mail(f"{file.stem}.{number}", read)


class Inbox(ThreadingHTTPServer):
    """The server."""

    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        self.folder = folder
        super().__init__(("127.0.0.1", port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Inbox

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/inbox.css":
            return self._answer(STYLE, "text/css")
        if address.path == "/":
            return self._answer(page("Inbox", listing(self.server.folder, parse_qs(address.query).get("to", [""])[0])))
        key, _, view = address.path.strip("/").partition("/")
        mail = next((one for one in mails(self.server.folder) if one.key == key), None) if _KEY.fullmatch(key) else None
        if mail is None or view not in {"", "html", "text"}:
            words = page("No such e-mail", '<p>It may be gone. <a href="/">All e-mails</a></p>')
            return self._answer(words, status=HTTPStatus.NOT_FOUND)
        if view == "html":
            whole = mail.part("html").replace("<head>", '<head><base target="_top">', 1)
            return self._answer(whole, policy=_MESSAGE_POLICY)
        return self._answer(page(str(mail.message["Subject"]), reading(mail, as_text=view == "text")))

    def _answer(
        self, body: str, kind: str = "text/html", policy: str = _PAGE_POLICY, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        data = body.encode(errors="replace")
        self.send_response(status)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(data)),
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep addresses out of the log."""


def page(title: str, body: str) -> str:
    """A whole page; ``body`` is markup."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} · Demo inbox</title><link rel="stylesheet" href="/inbox.css"></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def listing(folder: Path, to: str) -> str:
    """The list, of everybody or of one address."""
    found = list(mails(folder))
    people = sorted({str(one.message["To"]) for one in found})
    links = [_choice("/", "Everybody", here=not to), *(_choice(f"/?to={one}", one, here=one == to) for one in people)]
    rows = [
        f'<li><a href="/{one.key}">{escape(str(one.message["Subject"]))}</a>'
        f'<p class="soft">To {escape(str(one.message["To"]))} · {escape(written_at(one))}</p></li>'
        for one in found
        if to in {"", str(one.message["To"])}
    ]
    told = "<p class='soft'>What the demo's portal sent by e-mail. Nothing left this machine.</p>"
    if not rows:
        return f"{told}<p>There is no e-mail yet. Submit an expense, and those who are asked get one.</p>"
    return f"{told}<nav aria-label='Whose'>{''.join(links)}</nav><ol>{''.join(rows)}</ol>"


def reading(mail: Mail, *, as_text: bool) -> str:
    """One message with its headers, as HTML or text."""
    told = {name: str(mail.message[name]) for name in ("From", "To", "Date", "Message-ID")} | {"Date": written_at(mail)}
    facts = "".join(f"<dt>{name}</dt><dd>{escape(said)}</dd>" for name, said in told.items())
    at = f"/{mail.key}"
    ways = _choice(at, "HTML", here=not as_text) + _choice(f"{at}/text", "Text", here=as_text)
    body = f'<iframe title="The e-mail" sandbox="{_SANDBOX}" src="{at}/html"></iframe>'
    if as_text:
        body = f"<pre>{escape(mail.part('plain'))}</pre>"
    return f'<p><a href="/">All e-mails</a></p><dl>{facts}</dl><nav aria-label="Shown as">{ways}</nav>{body}'


def written_at(mail: Mail) -> str:
    """When it was written, as the portal writes moments, in this machine's zone: ``21 Nov 2026, 14:05 CET``."""
    moment = getattr(mail.message["Date"], "datetime", None)
    return f"{moment.astimezone():%-d %b %Y, %H:%M %Z}" if moment else ""


def _choice(address: str, words: str, *, here: bool) -> str:
    mark = ' aria-current="page"' if here else ""
    return f'<a href="{escape(address)}"{mark}>{escape(words)}</a>'


if __name__ == "__main__":
    Inbox(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()
