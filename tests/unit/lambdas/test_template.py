"""The stack as it will be deployed: rights, limits, queues."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from hitl import store
from tests.stack import of_type, resources, template
from workflows import saga, travel_input

GUARDED = ("lambda:", "dynamodb:", "sqs:", "sns:", "s3:")
EXECUTION_ACTIONS = {
    "lambda:CheckpointDurableExecution",
    "lambda:GetDurableExecution",
    "lambda:GetDurableExecutionHistory",
    "lambda:GetDurableExecutionState",
    "lambda:SendDurableExecutionCallbackFailure",
    "lambda:SendDurableExecutionCallbackHeartbeat",
    "lambda:SendDurableExecutionCallbackSuccess",
    "lambda:StopDurableExecution",
}


# How often each workflow can wait for people, one wait after the other.
WAITS = {"ExpenseWorkflow": 4, "DocumentWorkflow": 11, "ModerationWorkflow": 1, "LoanWorkflow": 1, "TravelWorkflow": 1}
# What else a run can wait for, in seconds by parameter, and how often.
OTHER_WAITS = {
    "LoanWorkflow": ("FraudCheckSeconds", 1),
    "TravelWorkflow": ("OperatorWaitSeconds", len(travel_input.SERVICES) * (saga.QUESTIONS + 1)),
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(*logical: str) -> Iterator[dict[str, Any]]:
    for name, resource in resources().items():
        if logical and name not in logical:
            continue
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            documents.append(properties["PolicyDocument"])
        for document in documents:
            yield from document["Statement"]


def text(resource: Any) -> str:
    return resource if isinstance(resource, str) else json.dumps(resource)


def functions(durable: bool) -> dict[str, dict[str, Any]]:
    found = {name: body["Properties"] for name, body in of_type("AWS::Serverless::Function").items()}
    return {name: body for name, body in found.items() if ("DurableConfig" in body) is durable}


def allowed(*logical: str) -> set[str]:
    return {action for statement in statements(*logical) for action in listed(statement["Action"])}


def test_nothing_that_holds_data_or_executions_is_open_to_all_resources() -> None:
    seen = 0
    for statement in statements():
        for action in listed(statement["Action"]):
            assert "*" not in action
            if action.startswith(GUARDED):
                seen += 1
                assert all(resource != "*" for resource in listed(statement["Resource"])), action
    assert seen > 20


def test_12_rights_on_executions_name_the_workflows_and_any_version() -> None:
    for statement in statements():
        for action in EXECUTION_ACTIONS.intersection(listed(statement["Action"])):
            [resource] = listed(statement["Resource"])
            assert re.search(r":function:\$\{AWS::StackName\}-workflow-(\*|loan):\*", text(resource)), action


@pytest.mark.parametrize("version", ["$LATEST", "1", "17"])
def test_13_a_workflow_may_checkpoint_its_own_executions_whatever_its_version(version: str) -> None:
    own = f"arn:aws:lambda:r:1:function:cs-workflow-loan:{version}/durable-execution/loan-1/0f-1"
    foreign = own.replace("cs-workflow-loan", "cs-approval-api")
    [checkpoint] = [s for s in statements("WorkflowRole") if "lambda:CheckpointDurableExecution" in s["Action"]]
    [resource] = listed(checkpoint["Resource"])
    names = {"Partition": "aws", "Region": "r", "AccountId": "1", "StackName": "cs"}
    pattern = re.sub(r"\$\{AWS::(\w+)\}", lambda found: names[found[1]], resource["Fn::Sub"])

    assert fnmatchcase(own, pattern)
    assert not fnmatchcase(foreign, pattern)


def test_every_workflow_bears_the_name_that_the_rights_and_the_event_rule_cover() -> None:
    for properties in functions(durable=True).values():
        assert properties["FunctionName"]["Fn::Sub"].startswith("${AWS::StackName}-workflow-")
    [prefix] = resources()["RunStatusRule"]["Properties"]["EventPattern"]["detail"]["functionArn"]
    assert prefix["prefix"]["Fn::Sub"].endswith(":function:${AWS::StackName}-workflow-")


def test_the_portal_may_do_exactly_what_it_needs() -> None:
    assert allowed("PortalPolicy") == {
        "lambda:InvokeFunction",
        "lambda:SendDurableExecutionCallbackSuccess",
        "lambda:SendDurableExecutionCallbackFailure",
        "lambda:SendDurableExecutionCallbackHeartbeat",
        "lambda:StopDurableExecution",
        "lambda:GetDurableExecution",
        "lambda:GetDurableExecutionHistory",
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    }
    [invoke] = [s for s in statements("PortalPolicy") if s["Action"] == "lambda:InvokeFunction"]
    assert invoke["Resource"]["Fn::Sub"].endswith("-workflow-*:live")


@pytest.mark.parametrize("role", ["WorkflowRole", "LoanWorkflowRole", "TravelWorkflowRole"])
def test_a_workflow_can_neither_answer_itself_nor_delete_or_scan(role: str) -> None:
    rights = allowed(role)

    assert not any(action.startswith("lambda:SendDurableExecution") for action in rights)
    assert {action for action in rights if action.startswith("dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }


@pytest.mark.parametrize("name", functions(durable=True))
def test_the_execution_limit_exceeds_every_wait_that_the_parameters_allow(name: str) -> None:
    parameters = template()["Parameters"]
    levels = WAITS[name]
    other, times = OTHER_WAITS.get(name, ("OperatorWaitSeconds", 0))
    margin = 86_400

    limit = functions(durable=True)[name]["DurableConfig"]["ExecutionTimeout"]

    assert (
        limit >= levels * parameters["MaxTimeoutSeconds"]["MaxValue"] + times * parameters[other]["MaxValue"] + margin
    )
    assert limit <= 31_622_400
    assert parameters["ApprovalTimeoutSeconds"]["MaxValue"] <= parameters["MaxTimeoutSeconds"]["MinValue"]


def test_the_slowest_step_ends_before_its_invocation_does() -> None:
    calls = 4  # the submitter: put, read, claim, publish
    slowest = calls * store.TRIES * (store.CONNECT_SECONDS + store.READ_SECONDS)

    assert template()["Globals"]["Function"]["Timeout"] > slowest + 20


def test_workflows_run_behind_an_alias_with_explicit_retention() -> None:
    for properties in functions(durable=True).values():
        assert properties["AutoPublishAlias"] == "live"
        assert properties["AutoPublishAliasAllProperties"] is True
        assert 1 <= properties["DurableConfig"]["RetentionPeriodInDays"] <= 90
        assert "VersionDeletionPolicy" not in properties


def test_every_function_has_its_own_role_json_logs_and_traces() -> None:
    for properties in (functions(durable=True) | functions(durable=False)).values():
        assert properties["Role"]["Fn::GetAtt"].endswith("Role.Arn")
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert properties["LoggingConfig"]["LogGroup"]["Ref"] in of_type("AWS::Logs::LogGroup")
    assert template()["Globals"]["Function"]["Tracing"] == "Active"


def test_tables_outlive_the_stack_and_can_be_rewound() -> None:
    tables = of_type("AWS::DynamoDB::Table")
    mirrored = {"ApprovalsTable", "RunsTable"}
    assert set(tables) == mirrored | {"FlightBookingsTable", "HotelBookingsTable", "CarBookingsTable"}
    for name, table in tables.items():
        properties = table["Properties"]
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        if name in mirrored:
            assert properties["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert properties["SSESpecification"]["SSEEnabled"] is True


def test_a_poison_change_cannot_block_the_stream_for_ever() -> None:
    for event in functions(durable=False)["ChangeRelay"]["Events"].values():
        source = event["Properties"]
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["BisectBatchOnFunctionError"] is True
        assert 0 < source["MaximumRetryAttempts"] <= 10
        assert 0 < source["MaximumRecordAgeInSeconds"] <= 86_400
        assert source["StartingPosition"] == "TRIM_HORIZON"
        assert source["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_a_poison_notice_goes_aside_after_five_tries() -> None:
    redrive = resources()["ChangesQueue"]["Properties"]["RedrivePolicy"]

    assert redrive["maxReceiveCount"] == 5
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": "ChangesDeadLetterQueue.Arn"}


def test_every_queue_that_should_be_empty_has_an_alarm() -> None:
    watched = {
        dimension["Value"]["Fn::GetAtt"].split(".")[0]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Properties"].get("Dimensions", [])
        if dimension["Name"] == "QueueName"
    }
    assert watched == set(of_type("AWS::SQS::Queue"))


@pytest.mark.parametrize("metric", ["DurableExecutionFailed", "DurableExecutionTimedOut"])
def test_every_workflow_is_watched(metric: str) -> None:
    alarms = [alarm["Properties"] for alarm in of_type("AWS::CloudWatch::Alarm").values()]
    watched = {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in alarms if alarm["MetricName"] == metric}

    assert watched == set(functions(durable=True))


def test_every_alarm_tells_an_operator() -> None:
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmsTopic"}]
        assert alarm["Properties"]["AlarmDescription"]


def test_only_the_status_rule_may_write_to_the_queues_from_outside() -> None:
    [statement] = resources()["ChangesQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": "RunStatusRule.Arn"}}}


def test_the_outputs_are_the_contract() -> None:
    outputs = template()["Outputs"]

    assert set(outputs) == {
        "ApprovalsTableName",
        "RunsTableName",
        "ChangesQueueUrl",
        "ChangesDeadLetterQueueUrl",
        "NotificationsTopicArn",
        "ExpenseWorkflowArn",
        "DocumentWorkflowArn",
        "ModerationWorkflowArn",
        "LoanWorkflowArn",
        "TravelWorkflowArn",
        "ApprovalApiFunctionName",
        "PortalPolicyArn",
    }
    assert outputs["ExpenseWorkflowArn"]["Value"] == {"Ref": "ExpenseWorkflow.Alias"}


def test_each_booking_function_may_do_one_thing_to_one_table() -> None:
    for service in ("Flight", "Hotel", "Car"):
        assert allowed(f"Cancel{service}Role") - allowed("FraudCheckRole") == {"dynamodb:UpdateItem"}
        assert allowed(f"Reserve{service}Role") - allowed("FraudCheckRole") == {"dynamodb:GetItem", "dynamodb:PutItem"}
        for role in (f"Reserve{service}Role", f"Cancel{service}Role"):
            [statement] = [s for s in statements(role) if "dynamodb" in str(s["Action"])]
            assert statement["Resource"] == {"Fn::GetAtt": f"{service}BookingsTable.Arn"}


def test_failures_are_simulated_only_where_the_stack_says_so() -> None:
    assert template()["Parameters"]["AllowFailureInjection"]["Default"] == "false"
