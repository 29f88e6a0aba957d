"""Settings of the running instance: what the environment does not say is looked up in the data folder."""

from __future__ import annotations

import os

from api.cli._failure import Failure
from api.cli._instance import access_database_url, find_redis_url
from api.launch import data_home
from onecard.settings import Settings, SettingsError


def read_settings() -> Settings:
    """Failure, with what to set, when something is missing or wrong."""
    home = data_home()
    found = {"ONECARD_HOME": str(home), "ONECARD_DATABASE_URL": access_database_url()}
    redis_url = find_redis_url()
    if redis_url is None:
        raise Failure(
            f"No Redis runs in {home}.", "Start `onecard up` in another terminal, or set ONECARD_REDIS_URL."
        )
    try:
        return Settings.from_env({**os.environ, **found, "ONECARD_REDIS_URL": redis_url})
    except SettingsError as error:
        raise Failure(str(error), "Set it and try again.") from None
