"""Settings of the running instance: what the environment does not say is looked up in the data folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli._failure import Failure
from api.cli._instance import access_database_url, find_redis_url
from api.launch import data_home
from onecard.registry.vault import VaultError
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
    with settings_explained():
        return Settings.from_env({**os.environ, **found, "ONECARD_REDIS_URL": redis_url})


@contextmanager
def settings_explained() -> Iterator[None]:
    """What is wrong with settings, keys or the policy file, said in two sentences."""
    try:
        yield
    except (SettingsError, VaultError) as error:
        raise Failure(str(error), "Set it and try again; `onecard up` sets all of them.") from None
