"""What the local cloud reads in template.yaml: which functions are durable, and for how long."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from local.invocations import DurableConfig

_FUNCTION = "AWS::Serverless::Function"


class TemplateError(ValueError):
    """template.yaml says something that the local cloud cannot read. The message names the resource."""


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, each as a one-key mapping: `!Ref X` becomes {"Ref": "X"}."""


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_mapping(node, deep=True)} if isinstance(node, yaml.MappingNode) else {tag: None}


_Loader.add_multi_constructor("!", _short_form)


def durable_functions(template: Path, parameters: Mapping[str, str]) -> dict[str, DurableConfig]:
    """The durable functions by logical id, with `parameters` over the template's defaults.

    Raises TemplateError if a DurableConfig is neither a number nor a parameter.
    """
    document = yaml.load(template.read_text(), _Loader)  # noqa: S506 - a SafeLoader
    declared = document.get("Parameters", {})
    values = {name: entry.get("Default") for name, entry in declared.items()} | dict(parameters)
    general = document.get("Globals", {}).get("Function", {}).get("DurableConfig")
    found: dict[str, DurableConfig] = {}
    for logical_id, resource in document["Resources"].items():
        config = resource.get("Properties", {}).get("DurableConfig", general)
        if resource["Type"] == _FUNCTION and config:
            found[logical_id] = DurableConfig(
                _whole(logical_id, "ExecutionTimeout", config, values),
                _whole(logical_id, "RetentionPeriodInDays", config, values),
            )
    return found


def _whole(logical_id: str, key: str, config: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    value = config.get(key)
    if isinstance(value, dict) and "Ref" in value:
        value = values.get(value["Ref"])
    try:
        return int(str(value))
    except ValueError:
        raise TemplateError(f"{logical_id}: DurableConfig.{key} is {config.get(key)!r}, not a number") from None
