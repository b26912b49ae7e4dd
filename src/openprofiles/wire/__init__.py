"""The AWS rest-json protocol, driven by botocore's service model; knows no feature."""

from openprofiles.wire.handler import AwsHandler
from openprofiles.wire.in_process import answer_in_process
from openprofiles.wire.sources import Sources
from openprofiles.wire.turns import Turns

__all__ = ["AwsHandler", "Sources", "Turns", "answer_in_process"]
