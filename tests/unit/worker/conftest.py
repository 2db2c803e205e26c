"""The AWS that a worker works with."""

from tests.portal_cloud import aws, portal_ministack

__all__ = ["aws", "portal_ministack"]
