"""The only way to load what the register knows. `find_` may be None, `access_` refuses, `…_by_ids` are for
loaders: many ids, one statement.

Who may see what is decided here, by caller and role. A till's terminal and a caller's binding are kept in
this process for a few seconds (`KEPT_S`), a merchant's name a little longer; `forget_terminal` drops one at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from onecard.registry import dashboards
from onecard.registry.cache import ShortCache
from onecard.registry.sessions import Sessions
from onecard.registry.things import (
    CommandState,
    DeviceCommand,
    DeviceGateway,
    Login,
    Merchant,
    Person,
    Terminal,
    TerminalState,
)
from onecard.registry.vault import Vault
from onecard.rules import access
from onecard.rules.access import Caller, Gateway, Role
from onecard.rules.clock import in_shanghai
from onecard.rules.refusals import Refusal, RefusalCode
from onecard.together import Together

KEPT_S = 3.0  # a terminal stopped while Redis is away pays for at most this long
KEPT_NAMES_S = 30.0  # only shown: what a till pays to is in its terminal
KEPT_TERMINALS = 4096
KEPT_MERCHANTS = 4096
KEPT_CALLERS = 16_384
COMMANDS_AT_ONCE = 200
NEWEST_COMMANDS = 10

SEES_PEOPLE = (Role.OPERATOR, Role.FINANCE, Role.AUDITOR)
RUNS_TERMINALS = (Role.OPERATOR,)
SEES_COMMANDS = (*RUNS_TERMINALS, Role.UTILITY_STAFF)

Row = Mapping[str, Any]

_PERSON = """
    SELECT p.id, p.number, p.name_sealed, p.phone_sealed, p.roles, p.account_id, p.bound_at,
           d.name AS department, c.name AS class_name
      FROM person p
      LEFT JOIN department d ON d.id = p.department_id
      LEFT JOIN class_group c ON c.id = p.class_id
"""
_TERMINAL = "SELECT id, number, place, merchant_id, gateway_id, state, last_seen_at FROM terminal"
COMMAND = """
    SELECT id, sequence, gateway_id, device, operation, arguments::text AS arguments, issued_at, expires_at,
           state, reason, detail, body
      FROM device_command
"""


class Registry:
    def __init__(self, database: BaseDBAsyncClient, vault: Vault) -> None:
        self.vault = vault
        self.sessions = Sessions(database, vault)
        self._database = database
        self._terminals: ShortCache[Terminal] = ShortCache(KEPT_TERMINALS, KEPT_S)
        self._gateways: ShortCache[DeviceGateway] = ShortCache(KEPT_TERMINALS, KEPT_S)
        self._merchants: ShortCache[Merchant] = ShortCache(KEPT_MERCHANTS, KEPT_NAMES_S)
        self._callers: ShortCache[access.Person] = ShortCache(KEPT_CALLERS, KEPT_S)
        self._dashboards: ShortCache[access.Dashboard] = ShortCache(KEPT_TERMINALS, KEPT_S)
        # Under load the callers of one moment, and their terminals, are read in one statement; so are gateways,
        # which anybody can make up in a token without being counted.
        self._read_caller = Together(self._read_callers)
        self._read_gateway = Together(self._read_gateways)
        self._read_person = Together(self._read_people)
        self._read_terminal = Together(self._read_terminals)

    # Callers ------------------------------------------------------------------------------------------

    async def find_caller(self, login_id: str) -> access.Person | None:
        """The login with its person, account and roles as they are now (bound ones: up to KEPT_S ago)."""
        kept = self._callers.get(login_id)
        if kept is not None:
            return kept
        caller = await self._read_caller(login_id)
        if caller is None:
            return None
        if caller.person_id is not None:  # an unbound one must see its binding at once
            self._callers.put(login_id, caller)
        return caller

    async def find_gateway(self, gateway_id: str) -> DeviceGateway | None:
        """Enrolled and not revoked (as of up to KEPT_S ago)."""
        kept = self._gateways.get(gateway_id)
        if kept is not None:
            return kept
        gateway = await self._read_gateway(gateway_id)
        if gateway is not None:
            self._gateways.put(gateway_id, gateway)
        return gateway

    async def find_dashboard(self, token: str, now: datetime) -> access.Dashboard | None:
        """Whose token it is, while it is good (as of up to KEPT_S ago)."""
        token_id = dashboards.read_token(self.vault, token)
        if token_id is None:
            return None
        kept = self._dashboards.get(token_id)
        if kept is not None:
            return kept
        found = await dashboards.find_token(self._database, token_id)
        if found is None or not found.is_good(now):
            return None
        await dashboards.note_use(self._database, token_id, in_shanghai(now).date())
        dashboard = access.Dashboard(token_id, found.campus_id)
        self._dashboards.put(token_id, dashboard)
        return dashboard

    async def find_login(self, login_id: str) -> Login | None:
        return _login(await self._one(_LOGIN + " WHERE l.id = $1", login_id))

    async def find_login_by_number(self, number: str) -> Login | None:
        """The login bound to the person of that number (学工号)."""
        return _login(
            await self._one(_LOGIN + " JOIN person p ON p.id = l.person_id WHERE p.number = $1", number)
        )

    async def find_login_by_account(self, account_id: str) -> Login | None:
        """The login bound to the person whose account it is."""
        return _login(
            await self._one(
                _LOGIN + " JOIN person p ON p.id = l.person_id WHERE p.account_id = $1", account_id
            )
        )

    # People -------------------------------------------------------------------------------------------

    async def people_by_ids(self, ids: Iterable[str]) -> dict[str, Person]:
        rows = await self._many(_PERSON + " WHERE p.id = ANY($1)", list(ids))
        return {row["id"]: self._person(row) for row in rows}

    async def people_by_accounts(self, account_ids: Iterable[str]) -> dict[str, Person]:
        """By account id."""
        rows = await self._many(_PERSON + " WHERE p.account_id = ANY($1)", list(account_ids))
        return {row["account_id"]: self._person(row) for row in rows}

    async def find_person_by_number(self, number: str) -> Person | None:
        row = await self._one(_PERSON + " WHERE p.number = $1", number)
        return None if row is None else self._person(row)

    async def access_person_by_number(self, caller: Caller, number: str) -> Person | None:
        """For staff who may see people; None when there is nobody of that number."""
        access.require_role(caller, *SEES_PEOPLE)
        return await self.find_person_by_number(number)

    async def access_person(self, caller: Caller, person_id: str) -> Person | None:
        """Oneself, or anybody for staff who may see people."""
        if not (isinstance(caller, access.Person) and caller.person_id == person_id):
            access.require_role(caller, *SEES_PEOPLE)
        return await self._read_person(person_id)

    # Merchants and terminals --------------------------------------------------------------------------

    async def merchants_by_ids(self, ids: Iterable[str]) -> dict[str, Merchant]:
        """Up to KEPT_NAMES_S old."""
        found: dict[str, Merchant] = {}
        unknown = []
        for id in ids:
            kept = self._merchants.get(id)
            if kept is None:
                unknown.append(id)
            else:
                found[id] = kept
        if unknown:
            for row in await self._many("SELECT id, name, place FROM merchant WHERE id = ANY($1)", unknown):
                found[row["id"]] = Merchant(row["id"], row["name"], row["place"])
                self._merchants.put(row["id"], found[row["id"]])
        return found

    async def terminals_by_ids(self, ids: Iterable[str]) -> dict[str, Terminal]:
        rows = await self._many(_TERMINAL + " WHERE id = ANY($1)", list(ids))
        return {row["id"]: terminal_of(row) for row in rows}

    async def access_terminal(self, caller: Caller, number: str) -> Terminal:
        """The terminal a gateway speaks for, up to KEPT_S old. Refuses NOT_ALLOWED, TERMINAL_UNKNOWN."""
        gateway = access.require_gateway(caller)
        terminal = self._terminals.get(number)
        if terminal is None:
            terminal = await self._read_terminal(number)
            if terminal is None:
                raise Refusal(RefusalCode.TERMINAL_UNKNOWN)
            self._terminals.put(number, terminal)
        if terminal.gateway_id != gateway.gateway_id:
            raise Refusal(RefusalCode.NOT_ALLOWED)
        return terminal

    def forget_terminal(self, number: str) -> None:
        self._terminals.forget(number)

    def forget_all(self) -> None:
        """After a time without events: nothing kept can be trusted to be current."""
        self._terminals.clear()
        self._merchants.clear()

    async def access_terminals(self, caller: Caller) -> list[Terminal]:
        """All, for operators; a gateway's own, for a gateway."""
        if isinstance(caller, Gateway):
            rows = await self._many(_TERMINAL + " WHERE gateway_id = $1 ORDER BY number", caller.gateway_id)
        else:
            access.require_role(caller, *RUNS_TERMINALS)
            rows = await self._many(_TERMINAL + " ORDER BY number")
        return [terminal_of(row) for row in rows]

    # Device commands ----------------------------------------------------------------------------------

    async def access_pending_commands(self, caller: Caller, after_sequence: int = 0) -> list[DeviceCommand]:
        """What a gateway has still to do, oldest first, at most COMMANDS_AT_ONCE; expired ones are not."""
        gateway = access.require_gateway(caller)
        rows = await self._many(
            COMMAND
            + """ WHERE gateway_id = $1 AND sequence > $2 AND expires_at > now()
                    AND state IN ('PENDING', 'RECEIVED', 'SENT', 'ACKNOWLEDGED')
                  ORDER BY sequence LIMIT $3""",
            gateway.gateway_id,
            after_sequence,
            COMMANDS_AT_ONCE,
        )
        return [command_of(row) for row in rows]

    async def access_command(self, caller: Caller, command_id: str) -> DeviceCommand | None:
        """For operators, and the gateway it was given to."""
        row = await self._one(COMMAND + " WHERE id = $1", command_id)
        if isinstance(caller, Gateway):
            return command_of(row) if row is not None and row["gateway_id"] == caller.gateway_id else None
        access.require_role(caller, *SEES_COMMANDS)
        return None if row is None else command_of(row)

    async def commands_by_ids(self, ids: Iterable[str]) -> dict[str, DeviceCommand]:
        rows = await self._many(COMMAND + " WHERE id = ANY($1)", list(ids))
        return {row["id"]: command_of(row) for row in rows}

    async def commands_of_devices(self, devices: Iterable[str]) -> dict[str, list[DeviceCommand]]:
        """The newest NEWEST_COMMANDS of each, newest first."""
        rows = await self._many(
            """SELECT c.* FROM unnest($1::text[]) AS d (device)
                CROSS JOIN LATERAL (SELECT id, sequence, gateway_id, device, operation, arguments::text AS arguments,
                                           issued_at, expires_at, state, reason, detail, body
                                      FROM device_command WHERE device = d.device
                                     ORDER BY sequence DESC LIMIT $2) c""",
            list(devices),
            NEWEST_COMMANDS,
        )
        found: dict[str, list[DeviceCommand]] = {}
        for row in rows:
            found.setdefault(row["device"], []).append(command_of(row))
        return found

    # --------------------------------------------------------------------------------------------------

    async def _read_callers(self, login_ids: Sequence[str]) -> list[access.Person | None]:
        rows = await self._many(
            """SELECT l.id, p.id AS person_id, p.account_id, p.roles
                 FROM login l LEFT JOIN person p ON p.id = l.person_id WHERE l.id = ANY($1)""",
            list(login_ids),
        )
        found = {
            row["id"]: access.Person(
                row["id"], row["person_id"], row["account_id"], _roles(row["roles"] or ())
            )
            for row in rows
        }
        return [found.get(login_id) for login_id in login_ids]

    async def _read_gateways(self, ids: Sequence[str]) -> list[DeviceGateway | None]:
        rows = await self._many(
            "SELECT id, name, public_key FROM gateway WHERE id = ANY($1) AND revoked_at IS NULL", list(ids)
        )
        found = {row["id"]: DeviceGateway(row["id"], row["name"], row["public_key"]) for row in rows}
        return [found.get(id) for id in ids]

    async def _read_people(self, ids: Sequence[str]) -> list[Person | None]:
        found = await self.people_by_ids(ids)
        return [found.get(id) for id in ids]

    async def _read_terminals(self, numbers: Sequence[str]) -> list[Terminal | None]:
        rows = await self._many(_TERMINAL + " WHERE number = ANY($1)", list(numbers))
        found = {row["number"]: terminal_of(row) for row in rows}
        return [found.get(number) for number in numbers]

    def _person(self, row: Row) -> Person:
        return Person(
            id=row["id"],
            number=row["number"],
            name=self.vault.open(row["name_sealed"], belongs_to=f"{row['id']}.name"),
            roles=_roles(row["roles"]),
            department=row["department"],
            class_name=row["class_name"],
            account_id=row["account_id"],
            bound_at=row["bound_at"],
            phone=None
            if row["phone_sealed"] is None
            else self.vault.open(row["phone_sealed"], belongs_to=f"{row['id']}.phone"),
        )

    async def _many(self, statement: str, *values: object) -> list[dict[str, Any]]:
        return await self._database.execute_query_dict(statement, list(values))

    async def _one(self, statement: str, *values: object) -> dict[str, Any] | None:
        rows = await self._many(statement, *values)
        return rows[0] if rows else None


def may_see_account(caller: Caller, account_id: str) -> bool:
    """One's own, or any for staff who may see people."""
    return isinstance(caller, access.Person) and (caller.account_id == account_id or caller.has(*SEES_PEOPLE))


def terminal_of(row: Row) -> Terminal:
    return Terminal(
        id=row["id"],
        number=row["number"],
        place=row["place"],
        merchant_id=row["merchant_id"],
        gateway_id=row["gateway_id"],
        state=TerminalState(row["state"]),
        last_seen_at=row["last_seen_at"],
    )


def command_of(row: Row) -> DeviceCommand:
    return DeviceCommand(
        id=row["id"],
        sequence=row["sequence"],
        gateway_id=row["gateway_id"],
        device=row["device"],
        operation=row["operation"],
        arguments=row["arguments"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        state=CommandState(row["state"]),
        reason=row["reason"],
        detail=row["detail"],
    )


_LOGIN = "SELECT l.id, l.wecom_userid, l.openid, l.person_id FROM login l"


def _login(row: Row | None) -> Login | None:
    return None if row is None else Login(row["id"], row["wecom_userid"], row["openid"], row["person_id"])


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
