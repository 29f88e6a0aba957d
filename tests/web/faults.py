"""What axe has to complain of on a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "webapp/node_modules/axe-core/axe.min.js"


# Nothing halfway faded in: a colour in motion has no contrast of its own. A spinner never ends.
STILL = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getTiming().iterations !== Infinity)
    .map((one) => one.finished)).then(() => 0)"""


def faults(page: Page) -> list[str]:
    page.evaluate(STILL)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]
    ]
