"""The AWS rest-json protocol, driven by botocore's service model; knows no feature."""

from openprofiles.wire.checking import checked
from openprofiles.wire.handler import AwsHandler
from openprofiles.wire.in_process import answer_in_process
from openprofiles.wire.sources import Sources
from openprofiles.wire.turns import Turns
from openprofiles.wire.verifying import Failures

__all__ = ["AwsHandler", "Failures", "Sources", "Turns", "answer_in_process", "checked"]
