"""The tests have teeth: every deliberate bug makes its story fail, and the story passes without it."""

import asyncpg
import pytest
from support.database import connected
from support.ledger import open_school
from teeth.bugs import BUGS as MONEY_BUGS
from teeth.power_bugs import POWER_BUGS

from onecard.rules.refusals import Refusal

# What counts as caught; a bug that only breaks the function is no bug worth planting.
CAUGHT = (AssertionError, Refusal, asyncpg.IntegrityConstraintViolationError)

BUGS = (*MONEY_BUGS, *POWER_BUGS)
STORIES = {bug.story.__name__: bug.story for bug in BUGS}


@pytest.mark.parametrize("name", STORIES)
async def test_the_story_passes_on_the_code_as_it_is(database, name):
    async with open_school(database) as school:
        await STORIES[name](school)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
async def test_the_bug_is_caught(database, monkeypatch, caught, bug):
    async with connected(database) as connection:
        await bug.plant(connection, monkeypatch)
    with pytest.raises(CAUGHT) as found:
        await _tell(database, bug.story)
    caught(bug.name, bug.story.__name__, found.value)


async def _tell(database, story):
    async with open_school(database) as school:
        await story(school)
