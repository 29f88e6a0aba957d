"""登录: a WeCom user becomes a login, once."""

import pytest

from onecard.actions.log_in import log_in
from onecard.outside.providers import ProviderRefused, ProviderUnavailable


async def test_the_same_user_is_the_same_login(town):
    town.wecom.members["zhangsan"] = "o-zhangsan"
    first = await log_in(town.parts, town.wecom.code_for("zhangsan"))
    again = await log_in(town.parts, town.wecom.code_for("zhangsan"))
    assert again == first
    assert (first.openid, first.person_id) == ("o-zhangsan", None)
    bound = await log_in(town.parts, town.wecom.code_for("ouyang"))
    assert bound.person_id is not None


async def test_a_code_that_is_used_or_a_strangers(town):
    code = town.wecom.code_for("ouyang")
    await log_in(town.parts, code)
    logins = await town.value("SELECT count(*) FROM login")
    for bad in (code, "invented", town.wecom.code_for(None)):
        with pytest.raises(ProviderRefused):
            await log_in(town.parts, bad)
    assert await town.value("SELECT count(*) FROM login") == logins


async def test_without_an_openid_one_is_in_all_the_same(town, monkeypatch):
    async def silent(userid):
        raise ProviderUnavailable("played")

    monkeypatch.setattr(town.wecom, "openid_of", silent)
    town.wecom.members["zhangsan"] = "o-zhangsan"
    login = await log_in(town.parts, town.wecom.code_for("zhangsan"))
    assert login.openid is None
    assert (await log_in(town.parts, town.wecom.code_for("ouyang"))).openid == "o-ouyang"
