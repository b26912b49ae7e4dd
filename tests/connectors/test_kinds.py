"""Kinds of sources are found through entry points, those of other packages too."""

import sys

import pytest

from openprofiles import connectors
from openprofiles.connectors import ConnectorKind, UnknownKind, kinds


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package with a connector, and with something else under its entry points."""
    (tmp_path / "paper.py").write_text(
        "from openprofiles.connectors import ConnectorKind\n"
        "KIND = ConnectorKind(name='Paper', text='Paper', settings=(), open=print)\n"
        "OTHER = 'Paper'\n"
    )
    metadata = tmp_path / "paper-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: paper\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[openprofiles.connectors]\nPaper = paper:KIND\nScissors = paper:OTHER\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    kinds.names.cache_clear()
    kinds.require.cache_clear()
    yield
    sys.modules.pop("paper", None)
    kinds.names.cache_clear()
    kinds.require.cache_clear()


@pytest.mark.usefixtures("package")
def test_a_package_adds_a_kind():
    kind = connectors.require("Paper")

    assert isinstance(kind, ConnectorKind)
    assert "Paper" in connectors.names()
    assert list(connectors.names()) == sorted(connectors.names())


@pytest.mark.usefixtures("package")
def test_what_is_no_kind_is_unknown():
    with pytest.raises(
        UnknownKind, match=r"Scissors of openprofiles\.connectors is no ConnectorKind"
    ):
        connectors.require("Scissors")


def test_a_kind_that_is_not_installed_is_unknown():
    with pytest.raises(UnknownKind, match=r"No connector Stone is installed; there are .*S3"):
        connectors.require("Stone")


@pytest.mark.parametrize("name", connectors.names())
def test_each_kind_has_the_name_of_its_entry_point(name):
    kind = connectors.require(name)

    assert kind.name == name
    assert kind.text
    names = [setting.name for setting in kind.settings]
    assert len(names) == len(set(names))
    assert all(setting.text for setting in kind.settings)
