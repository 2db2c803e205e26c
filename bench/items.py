"""Items for the benches, as DynamoDB sends them: 2 kB each, 500 bytes of details as a map."""

from typing import Any

import orjson

PAGE = 500


def request(number: int, version: int, *, plain_details: bool = False) -> dict[str, Any]:
    """A pending request's item as it travels. ``plain_details``: details as one text in a map."""
    run_name = f"expense-{number:07d}"
    at = "2026-11-21T08:00:00.123456Z"
    lines = [
        {"M": {"date": {"S": "2026-11-12"}, "category": {"S": "travel"}, "amount": {"N": f"{number % 900}.25"},
               "description": {"S": f"Train to Lyon, day {day}, second class"}}}
        for day in range(4)
    ]  # fmt: skip
    details = {"expense_id": {"S": run_name}, "description": {"S": "Visit to the supplier " * 5}, "lines": {"L": lines}}
    if plain_details:
        details = {"text": {"S": "x" * 500}}
    event = {"seq": {"N": "1"}, "at": {"S": at}, "actor": {"S": "workflow"}, "note": {"S": "Asked managers."}}
    return {
        "approval_id": {"S": f"{run_name}.manager"}, "run_name": {"S": run_name}, "workflow": {"S": "expense"},
        "run_arn": {"S": f"arn:aws:lambda:us-east-1:000000000000:function:f:1/durable-execution/{run_name}/{number}"},
        "stage": {"S": "manager"}, "kind": {"S": "approval"}, "title": {"S": f"Train to Lyon and two nights, {number}"},
        "summary": {"S": f"Visit to the supplier, version {version}."}, "requester": {"S": f"person{number % 500}"},
        "amount": {"N": f"{number % 5000}.5"}, "currency": {"S": "EUR"}, "details": {"M": details},
        "attachments": {"L": []},
        "policy": {"M": {"groups": {"L": [{"S": "managers"}]}, "users": {"L": []}, "required": {"N": "1"},
                         "exclude": {"L": [{"S": f"person{number % 500}"}]}}},
        "options": {"L": [{"S": "approved"}, {"S": "rejected"}]}, "status": {"S": "pending"},
        "events": {"L": [{"M": {**event, "action": {"S": "opened"}}}, {"M": {**event, "action": {"S": "notified"}}}]},
        "created_at": {"S": at}, "updated_at": {"S": at}, "expires_at": {"S": "2026-11-24T08:00:00.123456Z"},
        "version": {"N": str(version)},
    }  # fmt: skip


def bodies(count: int, version: int, *, plain_details: bool = False) -> list[bytes]:
    """Answers of Scan, 500 items each."""
    return [
        orjson.dumps(
            {
                "Items": [request(one, version, plain_details=plain_details) for one in range(start, start + PAGE)],
                "Count": PAGE,
                "ScannedCount": PAGE,
            }
        )
        for start in range(0, count, PAGE)
    ]
