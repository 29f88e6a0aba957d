"""`make teeth` ends with a table: each deliberate bug, the story that caught it, and by what."""

import pytest


def pytest_terminal_summary(terminalreporter, config):
    if config.option.verbose < 0:
        return
    rows = [
        tuple(dict(report.user_properties)[name] for name in ("bug", "story", "by"))
        for report in terminalreporter.stats.get("passed", [])
        if {"bug", "story", "by"} <= set(dict(report.user_properties))
    ]
    if not rows:
        return
    terminalreporter.section(f"{len(rows)} deliberate bugs, each caught")
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for bug, story, by in rows:
        terminalreporter.write_line(f"{bug:<{widths[0]}}  {story:<{widths[1]}}  {by}")


@pytest.fixture
def caught(record_property):
    def record(bug, story, error):
        first = next((line for line in str(error).splitlines() if line.strip()), "")
        record_property("bug", bug)
        record_property("story", story.replace("_", " "))
        record_property("by", f"{type(error).__name__}: {first}"[:90])

    return record
