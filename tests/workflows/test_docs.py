"""The example in the documentation runs as it stands."""

import re
from pathlib import Path
from typing import Any

from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "asking-for-an-approval.md"


def test_the_ten_line_workflow_asks_and_goes_on(play: Play, cloud: Cloud) -> None:
    renamed: list[str] = []
    names: dict[str, Any] = {"rename_it": renamed.append}
    [example, *_] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    exec(example, names)

    stage = play(names["handler"]).start({"requester": "rita", "new_name": "Delta"})
    asked = stage.waiting("owner")
    stage.decide(asked)

    assert stage.result()["name"] == "Delta"
    assert renamed == ["Delta"]
    assert (asked["title"], asked["requester"], asked["workflow"]) == ("Rename to Delta", "rita", "rename")


def test_the_worked_example_is_short_and_does_what_it_says(play: Play, cloud: Cloud) -> None:
    page = (DOCS / "workflows.md").read_text().split("## How to add your own")[1]
    blocks = re.findall(r"```(?:python|yaml)\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(blocks[0], names)
    stage = play(names["handler"]).start({"bucket": "old", "requester": "rita"})
    stage.decide(stage.waiting("owner"))

    assert sum(len(block.splitlines()) for block in blocks) <= 60
    assert stage.result()["bucket"] == "old"
    assert cloud.run()["deletion"] == {"bucket": "old"}
