"""Starting the servers we bring along: PostgreSQL and Valkey, as supervised children.

A child never outlives its supervisor (not even `kill -9`), never runs as root, keeps everything in one
folder of its own, and says in one `LaunchError` what is wrong and what to do. May import the standard
library only, and must not know what the servers are used for.
"""

from api.launch.home import data_home
from api.launch.postgres import EmbeddedPostgres
from api.launch.process import LaunchError
from api.launch.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "LaunchError", "data_home"]
