"""WeChat and WeCom as a school meets them, played on this machine with real signatures.

It answers under WeChat's own paths, checks the school's requests as WeChat does, signs its answers, seals
and repeats its notifications, and can be told to fail. `app(world)` gives the routes; `world.running()` does
what WeChat does by itself. Knows the sandbox's keys and people and nothing of the business.
"""

from sandbox.wechat.routes import app
from sandbox.wechat.world import World

__all__ = ["World", "app"]
