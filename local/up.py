"""`make demo`: the whole product on this machine, from nothing to a portal with people and requests in it."""

import shlex
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from local.cloud import LocalCloud
from local.demo_lock import only_one
from local.demo_settings import DemoSettings, SettingsError
from local.demo_story import PEOPLE
from local.deploy import DeployError
from local.processes import ROOT, STATE, Child, ChildError, base_env, run, still_running
from local.supervisor import StopRequested, stop_signals, watch

LOGS = STATE / "logs"
ENV_FILE = STATE / "aws.env"
MAIL = STATE / "mail"
# A week, so that a demo taken up again days later still has something to decide.
STACK_PARAMETERS = {"ApprovalTimeoutSeconds": "604800", "AllowFailureInjection": "true"}
# For functions that run when the demo is stopped.
GRACE_SECONDS = 5.0


class Demo:
    """One run of the demo."""

    def __init__(self, settings: DemoSettings, console: Console) -> None:
        self.settings = settings
        self.console = console
        parameters = STACK_PARAMETERS | {"PortalUrl": settings.portal_url}
        self.cloud = LocalCloud(STATE / "cloud", parameters=parameters, ports=settings.cloud, keep=True, logs=LOGS)
        self.portal: list[Child] = []
        self._spinner = console.status("")
        self._began = time.monotonic()
        self._doing: str | None = None
        self._not_filed = ""

    @property
    def env(self) -> dict[str, str]:
        """The environment of the portal, its worker and its commands."""
        return {
            **base_env(),
            **self.cloud.env,
            "SECRET_KEY": self.settings.secret_key,
            "PORTAL_URL": self.settings.portal_url,
            "DATABASE_URL": f"sqlite:///{STATE}/countersign.sqlite3",
            "MEDIA_ROOT": str(STATE / "media"),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DEMO": "true",
            "DEMO_PASSWORD": self.settings.password,
            "EMAIL_URL": f"filemail:///{MAIL}",
            "DEFAULT_FROM_EMAIL": "Countersign <countersign@example.com>",
            "DEMO_INBOX_URL": self.settings.inbox_url,
            "DEBUG": "false",
        }

    def tell(self, doing: str | None) -> None:
        """Show what is being done, and for what was done before how long it took."""
        now = time.monotonic()
        if self._doing is not None:
            self.console.print(f"[green]✓[/] {self._doing} [dim]{now - self._began:.1f} s[/]")
        self._began, self._doing = now, doing
        if doing is None:
            self._spinner.stop()
        else:
            self._spinner.update(f"{doing} …")
            self._spinner.start()

    def run(self) -> None:
        """Bring everything up, then watch it. Ends by an exception, with nothing left running."""
        try:
            self._start()
            self.tell(None)
            self._show()
            watch([*self.cloud.children, *self.portal])
        finally:
            self._spinner.stop()
            for child in reversed(self.portal):
                child.stop()
            # What is cut off is invoked again at the next start; what ends by itself need not be.
            self.console.print("[dim]Stopping, and removing temporary files …[/]")
            self.cloud.let_handlers_end(GRACE_SECONDS)
            self.cloud.stop()

    def _start(self) -> None:
        self.cloud.start(self.tell)
        write_exports(ENV_FILE, self.env)
        self.tell("Preparing database, static files and people")
        self._seed("prepare")
        self.tell("Starting worker and portal")
        self._start_portal()
        self.tell("Filing requests through the workflows")
        try:
            self._seed("requests")
        except ChildError as error:
            # A story that got stuck is no reason to take away what runs; a part that ended is.
            still_running([*self.cloud.children, *self.portal])
            self._not_filed = str(error)

    def _start_portal(self) -> None:
        worker = Child("worker", [sys.executable, "manage.py", "runworker"], env=self.env, log=LOGS / "worker.log")
        gunicorn = [sys.executable, "-m", "gunicorn", "portal.wsgi:application", "--workers", "2"]
        gunicorn += ["--bind", f"127.0.0.1:{self.settings.portal_port}", "--access-logfile", "-"]
        gunicorn += ["--logger-class", "portal.access_log.RedactedLogger"]
        portal = Child("portal", gunicorn, env=self.env, log=LOGS / "portal.log")
        MAIL.mkdir(parents=True, exist_ok=True)
        show_mail = [sys.executable, "-m", "local.inbox", str(self.settings.inbox_port), str(MAIL)]
        inbox = Child("inbox", show_mail, env=base_env(), log=LOGS / "inbox.log")
        self.portal = [worker.start(), portal.start(), inbox.start()]
        portal.wait_for_http(f"{self.settings.portal_url}/healthz")

    def _seed(self, what: str) -> None:
        """Run a part of local/people_and_requests.py in a process of its own, where Django is set up."""
        env = self.env | {"DEMO_PASSWORD": self.settings.password}
        argv = [sys.executable, "-m", "local.people_and_requests", what]
        parts = [*self.cloud.children, *self.portal]
        run(f"demo {what}", argv, env=env, log=LOGS / "preparation.log", beside=parts)

    def _show(self) -> None:
        logins = Table("Sign in as", "who is", "and can", box=None, pad_edge=False, header_style="dim")
        for person in PEOPLE:
            logins.add_row(f"[bold]{person.username}[/]", person.full_name, person.can)
        password = f"The password of all of them: [bold]{escape(self.settings.password)}[/]"
        self.console.print()
        if self._not_filed:
            told = f"Not every example got to where it should; `make demo` tries again.\n{self._not_filed}"
            self.console.print(f"[yellow]![/] {escape(told)}", soft_wrap=True)
        self.console.print(Panel(logins, title=f"Countersign is on {self.settings.portal_url}", expand=False))
        self.console.print(password)
        self.console.print(f"The e-mails that it sends: [bold]{self.settings.inbox_url}[/]")
        hints = f"Second terminal: source {_shown(ENV_FILE)} · Logs: {_shown(LOGS)} · Ctrl-C stops all"
        self.console.print(f"[dim]{escape(hints)}[/]", soft_wrap=True)


def write_exports(path: Path, env: dict[str, str]) -> None:
    """Write `env` as exports for a second terminal; only the owner may read the file."""
    skipped = base_env().keys()
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(env.items()) if name not in skipped]
    path.touch(mode=0o600)
    path.write_text(
        "# For aws, sam, boto3 and manage.py against the demo: source this file.\n" + "\n".join(lines) + "\n"
    )


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def main() -> int:
    """Run the demo; the exit status is 0 after Ctrl-C and 1 after a failure."""
    console = Console(highlight=False)
    with stop_signals():
        try:
            with only_one():
                Demo(DemoSettings.read(), console).run()
        except StopRequested:
            console.print(
                "\nStopped. Everything is kept: `make demo` goes on from here, `make clean` forgets it.", soft_wrap=True
            )
            return 0
        except (SettingsError, ChildError, DeployError, FileNotFoundError) as error:
            console.print(f"\n[red]✗[/] {escape(str(error))}", soft_wrap=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
