"""The AWS rest-json protocol, driven by botocore's service model; knows no feature."""

from openprofiles.wire.handler import AwsHandler
from openprofiles.wire.in_process import answer_in_process

__all__ = ["AwsHandler", "answer_in_process"]
