"""What a gateway read from its meters."""

from datetime import datetime
from typing import Annotated

import strawberry

from onecard.actions.record_readings import MOST_READINGS, Reading, record_readings
from schema.context import Info
from schema.fields import resolver
from schema.refusals import NotAllowed
from schema.scalars import Kwh, mistake
from schema.words import MeterFlag, ReadingOutcome, Relay


@strawberry.input(description="What one meter said 读数, or that it said nothing.")
class MeterReadingInput:
    meter: strawberry.ID = strawberry.field(description="The meter's id.")
    read_at: datetime = strawberry.field(description="When, by the gateway's clock.")
    heard: bool = strawberry.field(description="Did it answer?")
    total: Kwh | None = strawberry.field(
        description="Its register 表上读数; null when not read.", default=None
    )
    power_w: int | None = strawberry.field(description="What is drawn now, in watts.", default=None)
    relay: Relay | None = strawberry.field(description="Whether the room has power.", default=None)
    flags: list[MeterFlag] = strawberry.field(description="What it complains about.", default_factory=list)
    remaining: Kwh | None = strawberry.field(
        description="What its display shows as left; only of meters that count by themselves.", default=None
    )
    credit_counter: int | None = strawberry.field(
        description="How many purchases it has taken; only of meters that count by themselves.", default=None
    )
    silent_since: datetime | None = strawberry.field(
        description="Since when it is no longer waited for in every round; null while it answers.",
        default=None,
    )


@strawberry.input(description="A batch of readings.")
class MeterReadingsRecordInput:
    readings: list[MeterReadingInput] = strawberry.field(description=f"At most {MOST_READINGS}.")


@strawberry.type(description="What became of each reading; none of them need be sent again.")
class MeterReadingsRecorded:
    outcomes: list[ReadingOutcome] = strawberry.field(description="In the order of the readings.")


MeterReadingsRecordResult = Annotated[
    MeterReadingsRecorded | NotAllowed,
    strawberry.union(name="MeterReadingsRecordResult", description="What came of a batch of readings."),
]


@strawberry.type
class MeterReadingsRecord:
    @resolver("Report what meters said 上报读数. Sending it twice records it once. For their gateway.")
    async def meter_readings_record(
        self,
        info: Info,
        input: Annotated[MeterReadingsRecordInput, strawberry.argument(description="The readings.")],
    ) -> MeterReadingsRecordResult:
        if len(input.readings) > MOST_READINGS:
            raise mistake(f"readings are at most {MOST_READINGS} at a time.")
        outcomes = await record_readings(
            info.context.parts,
            info.context.caller,
            [
                Reading(
                    meter_id=one.meter,
                    read_at=one.read_at,
                    total_wh=one.total,
                    power_w=one.power_w,
                    relay=one.relay,
                    flags=one.flags,
                    remaining_wh=one.remaining,
                    credit_counter=one.credit_counter,
                    heard=one.heard,
                    silent_since=one.silent_since,
                )
                for one in input.readings
            ],
        )
        return MeterReadingsRecorded(outcomes=outcomes)
