"""电表: the meters of rooms, for those who look after them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from onecard.registry import meters
from onecard.registry.access import NEWEST_COMMANDS
from schema.context import Info
from schema.device_command import DeviceCommand
from schema.fields import resolver
from schema.node import Node
from schema.scalars import Kwh
from schema.words import MeterFlag, MeterWay, Relay

if TYPE_CHECKING:
    from schema.place import Room


@strawberry.type(description="What a meter said last 电表状态. Null: it never said so.")
class MeterState:
    read_at: datetime | None = strawberry.field(description="When its register was read last 抄表时间.")
    power_w: int | None = strawberry.field(description="What is drawn now 当前功率, in watts.")
    relay: Relay | None = strawberry.field(description="Whether the room has power 通断电.")
    flags: list[MeterFlag] = strawberry.field(description="What it complains about 告警.")
    heard_at: datetime | None = strawberry.field(description="When it said anything at all last 最近应答.")
    silent_since: datetime | None = strawberry.field(
        description="Since when its gateway no longer waits for it in every round 失联时间; null while it answers."
    )
    credit_counter: int | None = strawberry.field(
        description="How many purchases it has taken 购电次数; only of meters that count by themselves."
    )
    total: Kwh | None = strawberry.field(
        description="Its register 表上读数: all energy that ever ran through it."
    )
    remaining: Kwh | None = strawberry.field(
        description="What its own display shows as left 表内剩余; only of meters that count by themselves."
    )

    @classmethod
    def of(cls, state: meters.MeterState) -> Self:
        return cls(
            read_at=state.read_at,
            power_w=state.power_w,
            relay=state.relay,
            flags=sorted(state.flags),
            heard_at=state.heard_at,
            silent_since=state.silent_since,
            credit_counter=state.credit_counter,
            total=None if state.total_wh is None else Kwh(state.total_wh),
            remaining=None if state.remaining_wh is None else Kwh(state.remaining_wh),
        )


@strawberry.type(description="A meter 电表 in a room, from its installation to its removal.")
class Meter(Node):
    room_id: strawberry.Private[str | None]
    number: str = strawberry.field(description="Its number 表号, by which it is asked.")
    model: str = strawberry.field(description="Which model 型号 of its gateway's configuration it is.")
    protocol: str = strawberry.field(description='What it speaks 协议: "DLT645" or "MODBUS".')
    bus: str = strawberry.field(description="The line 总线 it hangs on, as its gateway calls it.")
    way: MeterWay = strawberry.field(description="Who counts the energy that was bought 计费方式.")
    installed_at: datetime = strawberry.field(description="When it was installed 安装时间.")
    removed_at: datetime | None = strawberry.field(
        description="When it was taken out 拆除时间; null while it is in."
    )

    @resolver("Which room it measures 所在宿舍; null for none yet.")
    async def room(self, info: Info) -> Annotated["Room", strawberry.lazy("schema.place")] | None:
        from schema.place import Room

        found = await info.context.loaders.rooms.load(self.room_id or "")
        return Room.of(found) if found else None

    @resolver("What it said last 状态; null when it never spoke.")
    async def state(self, info: Info) -> MeterState | None:
        found = await info.context.loaders.meter_states.load(self.id)
        return MeterState.of(found) if found else None

    @resolver(f"The newest commands 指令 for it, at most {NEWEST_COMMANDS}. For the water and power centre.")
    async def commands(self, info: Info) -> list[DeviceCommand] | None:
        found = await info.context.loaders.device_commands.load(self.id)
        return [DeviceCommand.of(command) for command in found or ()]

    @classmethod
    def of(cls, meter: meters.Meter) -> Self:
        return cls(
            id=strawberry.ID(meter.id),
            room_id=meter.room_id,
            number=meter.number,
            model=meter.model,
            protocol=meter.protocol,
            bus=meter.bus,
            way=meter.way,
            installed_at=meter.installed_at,
            removed_at=meter.removed_at,
        )
