"""Which functions are durable is read in template.yaml, not listed anywhere else."""

from pathlib import Path

import pytest

from local.deploy import TEMPLATE, snake
from local.invocations import DurableConfig
from local.template import TemplateError, durable_functions

SMALL = """
Parameters:
  Limit: { Type: Number, Default: 60 }
Globals:
  Function: { Timeout: 3 }
Resources:
  Plain:
    Type: AWS::Serverless::Function
    Properties: { Handler: !Sub "${AWS::Region}.handler" }
  Asker:
    Type: AWS::Serverless::Function
    Properties:
      DurableConfig: { ExecutionTimeout: !Ref Limit, RetentionPeriodInDays: 7 }
  Table:
    Type: AWS::DynamoDB::Table
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL)
    return path


def test_a_durable_config_takes_the_parameters_default(small: Path) -> None:
    assert durable_functions(small, {}) == {"Asker": DurableConfig(60, 7)}


def test_a_given_parameter_wins_over_its_default(small: Path) -> None:
    assert durable_functions(small, {"Limit": "900"}) == {"Asker": DurableConfig(900, 7)}


def test_a_durable_config_of_the_globals_holds_for_every_function(small: Path) -> None:
    general = "{ Timeout: 3, DurableConfig: { ExecutionTimeout: 5, RetentionPeriodInDays: 1 } }"
    small.write_text(SMALL.replace("{ Timeout: 3 }", general))
    assert durable_functions(small, {}) == {"Plain": DurableConfig(5, 1), "Asker": DurableConfig(60, 7)}


def test_a_config_that_cannot_be_read_names_the_function(small: Path) -> None:
    small.write_text(SMALL.replace("!Ref Limit", "!If [Long, 5, 6]"))
    with pytest.raises(TemplateError, match=r"Asker: DurableConfig\.ExecutionTimeout"):
        durable_functions(small, {})


def test_the_real_template_has_the_expense_workflow() -> None:
    assert "ExpenseWorkflow" in durable_functions(TEMPLATE, {})


def test_stack_outputs_become_the_portals_variables() -> None:
    assert snake("ChangesDeadLetterQueueUrl") == "CHANGES_DEAD_LETTER_QUEUE_URL"
