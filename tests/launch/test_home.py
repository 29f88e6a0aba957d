"""Where the data lies."""

import os
from pathlib import Path

import pytest

from api.launch import LaunchError, data_home, home


def test_onecard_home_wins_and_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "server_account", lambda: None)
    monkeypatch.setenv("ONECARD_HOME", str(tmp_path / "a" / "b"))
    assert data_home() == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_an_ordinary_user_has_it_in_the_users_data_directory(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "server_account", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_home() == tmp_path / ".local" / "share" / "onecard"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert data_home() == tmp_path / "data" / "onecard"


def test_root_has_it_under_var_lib(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "server_account", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(home, "ROOT_HOME", tmp_path / "onecard")
    assert data_home() == tmp_path / "onecard"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as somebody else")
def test_a_home_the_servers_cannot_reach_is_refused_with_one_that_works(tmp_path, monkeypatch):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setenv("ONECARD_HOME", str(private / "data"))
    with pytest.raises(LaunchError, match="cannot enter") as refused:
        data_home()
    assert "ONECARD_HOME" in refused.value.remedy
    assert "/var/lib/onecard" in refused.value.remedy
    assert not (private / "data").exists()


def test_a_home_that_cannot_be_made_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "server_account", lambda: None)
    Path(tmp_path / "file").write_text("")
    monkeypatch.setenv("ONECARD_HOME", str(tmp_path / "file" / "data"))
    with pytest.raises(LaunchError, match="cannot be made"):
        data_home()
