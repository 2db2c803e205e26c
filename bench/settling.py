"""From the POST of a decision to the settled item, on the local cloud with a real worker.

python -m bench.settling
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.figures import Figure, p50, p95, save
from bench.portals import ROOT, SETTINGS, databases
from local.cloud import LocalCloud

EXPENSES = 20
TARGET_SECONDS = 1.0


def main() -> None:
    """Submit, decide one after the other, and compare each POST's moment with the item's ``settled_at``."""
    with tempfile.TemporaryDirectory() as state, databases() as found, LocalCloud(Path(state), parameters={}) as cloud:
        portal = found.portal("sqlite", "settling")
        address = portal.environment["DATABASE_URL"]
        environment = {**os.environ, **SETTINGS, **cloud.env, "DATABASE_URL": address, "PROMPT_DELIVERY": "true"}
        worker = subprocess.Popen([sys.executable, "manage.py", "runworker"], cwd=ROOT, env=environment)
        try:
            command = [sys.executable, "-m", "bench.settling_decider", str(EXPENSES)]
            done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        finally:
            worker.terminate()
            worker.wait(20)
    seconds = json.loads(done.stdout)
    figures = [
        Figure("POST of the decision to the settled item, p50", p50(seconds), "s", TARGET_SECONDS),
        Figure("POST of the decision to the settled item, p95", p95(seconds), "s"),
    ]
    save("settling", figures, expenses=EXPENSES, seconds=seconds)


if __name__ == "__main__":
    main()
