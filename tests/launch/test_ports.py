"""Ports that stay ours while their server is down for a moment."""

import socket

import pytest

from api.launch import ports


@pytest.fixture
def five(monkeypatch):
    """Only five ports to choose from."""
    monkeypatch.setattr(ports, "LOWEST", 20_100)
    monkeypatch.setattr(ports, "_first_lent", lambda: 20_105)


def test_no_outgoing_connection_is_given_one_of_them():
    lent_from = int(ports._LENT.read_text().split()[0])
    assert all(ports.LOWEST <= ports.free_ports(3) <= lent_from - 3 for _ in range(50))


def test_neighbours_are_free_together(five):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 20_102))
        other.listen()
        assert {ports.free_ports(2) for _ in range(50)} <= {20_100, 20_103}
        assert not ports.is_free(20_102)


def test_where_nothing_is_left_it_says_so(five):
    with pytest.raises(OSError, match="no 6 free ports"):
        ports.free_ports(6)
