"""The stack's outputs, as the portal's environment names them."""

import re

from approvals.aws.clients import cloudformation, dynamodb
from approvals.aws.faults import Misconfigured, Missing, ask


def outputs(stack: str) -> dict[str, str]:
    """Return the outputs of a stack by variable: ``ApprovalsTableName`` is ``APPROVALS_TABLE_NAME``.

    Raises Missing (no such stack) or another AwsError.
    """
    try:
        answer = ask(cloudformation().describe_stacks, "Read the stack", StackName=stack)
    except Misconfigured as fault:
        # CloudFormation says ValidationError where other services say that it is missing.
        raise Missing(f"There is no stack {stack} here. {fault}") from None
    told = answer["Stacks"][0].get("Outputs", [])
    return {variable(one["OutputKey"]): one["OutputValue"] for one in told}


def variable(output: str) -> str:
    """``ChangesQueueUrl`` → ``CHANGES_QUEUE_URL``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", output).upper()


def table_answers(name: str) -> None:
    """Return when the table is there and in use. Raises an AwsError."""
    ask(dynamodb(probe=True).describe_table, f"Ask for the table {name}", TableName=name)
