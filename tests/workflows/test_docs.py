"""The examples in the documentation run as they stand, and what it says of tests is so."""

import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from django.http import QueryDict

from tests.factories import viewer
from tests.stack import _Loader, resources
from tests.workflows.cloud import Cloud
from tests.workflows.conftest import Play

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LONGEST = 60


def blocks_of(page: str, after: str = "") -> list[str]:
    """The Python and YAML blocks of a page, from a heading on."""
    text = (DOCS / page).read_text().partition(after)[2] if after else (DOCS / page).read_text()
    return re.findall(r"```(?:python|yaml)\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The blocks of the worked example by the file that each names in its first line; its workflow can be imported."""
    blocks = blocks_of("workflows.md", "## How to add your own")
    named = {block.split()[1].removesuffix(":"): block for block in blocks}
    module = ModuleType("workflows.cleanup")
    exec(named["lambdas/workflows/cleanup.py"], module.__dict__)
    monkeypatch.setitem(sys.modules, "workflows.cleanup", module)
    yield named
    gc.collect()  # so that no later test finds the example's form among the portal's


def test_the_ten_line_workflow_asks_and_goes_on(play: Play, cloud: Cloud) -> None:
    renamed: list[str] = []
    names: dict[str, Any] = {"rename_it": renamed.append}
    [first, *_] = blocks_of("asking-for-an-approval.md")
    exec(first, names)

    stage = play(names["handler"]).start({"requester": "rita", "new_name": "Delta"})
    asked = stage.waiting("owner")
    stage.decide(asked)

    assert stage.result()["name"] == "Delta"
    assert renamed == ["Delta"]
    assert (asked["title"], asked["requester"], asked["workflow"]) == ("Rename to Delta", "rita", "rename")


def test_the_worked_example_is_whole_and_short(example: dict[str, str]) -> None:
    assert list(example) == [
        "lambdas/workflows/cleanup.py", "template.yaml", "approvals/web/forms/cleanup.py",
        "tests/workflows/test_cleanup.py",
    ]  # fmt: skip
    assert sum(len(block.splitlines()) for block in example.values()) <= LONGEST


def test_the_worked_example_s_workflow_does_what_it_says(play: Play, cloud: Cloud, example: dict[str, str]) -> None:
    stage = play(sys.modules["workflows.cleanup"].handler).start({"bucket": "old", "requester": "rita"})
    stage.decide(stage.waiting("owner"))

    assert stage.result()["bucket"] == "old"
    assert cloud.run()["deletion"] == {"bucket": "old"}


def test_the_worked_example_s_own_test_passes(play: Play, cloud: Cloud, example: dict[str, str]) -> None:
    names: dict[str, Any] = {}
    exec(example["tests/workflows/test_cleanup.py"], names)

    [own] = [value for name, value in names.items() if name.startswith("test_")]
    own(play, cloud)


@pytest.mark.django_db
def test_the_worked_example_s_form_sends_what_its_workflow_takes(example: dict[str, str]) -> None:
    names: dict[str, Any] = {"__name__": "approvals.web.forms.cleanup"}
    exec(example["approvals/web/forms/cleanup.py"], names)
    sheet = names["CleanupSheet"].posted(viewer("rita"), QueryDict("bucket=old"))
    assert sheet.check()
    filled = sheet.filled()

    model = sys.modules["workflows.cleanup"].Cleanup
    assert model.model_validate(filled.payload).model_dump() == {"bucket": "old", "requester": "rita"}
    assert filled.workflow == "cleanup"


def test_the_worked_example_s_resource_is_like_those_of_the_stack(example: dict[str, str]) -> None:
    added = yaml.load(example["template.yaml"], _Loader)
    like, own = resources()["DocumentWorkflow"], added["CleanupWorkflow"]

    assert own["Type"] == like["Type"]
    assert set(like["Properties"]) - set(own["Properties"]) == {"Description"}
    for name in ("Role", "AutoPublishAlias", "AutoPublishAliasAllProperties", "LoggingConfig"):
        assert own["Properties"][name] == like["Properties"][name]
    assert own["Properties"]["Handler"] == "workflows.cleanup.handler"
    assert added["CleanupWorkflowArn"] == {"Value": {"Ref": "CleanupWorkflow.Alias"}}


def test_every_known_fault_has_its_test() -> None:
    """The table names each row's test; the tests bear the row's number."""
    rows = re.findall(r"^\| (\d\d) \| .* \| `(test_(\d\d)_\w+)` \|$", (DOCS / "pitfalls.md").read_text(), re.MULTILINE)
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\d\d_\w+)\(", path.read_text(), re.MULTILINE)
    }

    assert [number for number, _, _ in rows] == [f"{number:02}" for number in range(1, 37)]
    assert all(number == of_test for number, _, of_test in rows)
    assert {name for _, name, _ in rows} <= defined
