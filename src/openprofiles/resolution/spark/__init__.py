"""The engine for clusters; needs the extra `openprofiles[spark]`."""

from openprofiles.resolution.spark.engine import SparkEngine
from openprofiles.resolution.spark.syntax import Unsupported

__all__ = ["SparkEngine", "Unsupported"]
