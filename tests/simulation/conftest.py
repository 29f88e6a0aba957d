import pytest

pytest.register_assert_rewrite("simulation.people", "simulation.world")
