"""graphql-transport-ws: subscriptions (and, where one likes, queries and mutations) over one WebSocket.

The token comes in `connection_init`, as a browser can send no header; the socket ends when the token does. One
task owns a subscription; the connection owns its tasks, and leaves none behind.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any

import orjson
import structlog
from graphql import OperationType
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.callers import Callers, Known, Unauthenticated
from api.engine import Engine, Rejected, new_request_id, read_asked, read_json, too_many
from api.errors import INTERNAL_SENTENCE, UNAVAILABLE_SENTENCE, ErrorCode, is_unavailable, tell
from api.metrics import SOCKETS, SUBSCRIPTIONS
from api.throttle import Throttle, pace_of
from onecard.rules.access import Gateway

log = structlog.get_logger(__name__)

PROTOCOL = "graphql-transport-ws"
INIT_WITHIN_S = 10.0
PING_EVERY_S = 25.0
SEND_WITHIN_S = 30.0
"""A reader that takes longer than this to take a message is gone."""
MOST_SUBSCRIPTIONS = 20
MOST_CONNECTIONS = 20
"""Of one person to this process: phones, tabs and those whose end has not been noticed yet."""
LONGEST_MESSAGE = 256 * 1024
LONGEST_ID = 100
LONGEST_REASON = 123
"""Bytes a close frame has room for (RFC 6455 §5.5); a longer one would be sent by nobody."""


class Close(Exception):
    """End the connection with this code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLOverWebSocket:
    """The endpoint of /graphql for WebSockets."""

    def __init__(
        self, engine: Engine, callers: Callers, throttle: Throttle, *, origins: frozenset[str]
    ) -> None:
        self._engine = engine
        self._callers = callers
        self._throttle = throttle
        self._origins = origins
        self._open: set[_Connection] = set()

    async def __call__(self, socket: WebSocket) -> None:
        origin = socket.headers.get("origin")
        same_host = origin is not None and origin.partition("://")[2] == socket.headers.get("host")
        if origin is not None and not same_host and origin not in self._origins:
            await socket.close(4403, "Forbidden")
            return
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        connection = _Connection(socket, self._engine, self._callers, self._throttle, self._is_crowded)
        self._open.add(connection)
        SOCKETS.inc()
        try:
            await connection.serve()
        finally:
            SOCKETS.dec()
            self._open.discard(connection)

    def _is_crowded(self, known: Known) -> bool:
        """Has this person too many connections open already?"""
        if isinstance(known.caller, Gateway):
            return False
        open_now = sum(connection.subject == known.subject for connection in self._open)
        return open_now >= MOST_CONNECTIONS

    async def aclose(self) -> None:
        """The server goes down: tell everybody, so that they come back to another process."""
        await asyncio.gather(*(connection.end(1012, "Service Restart") for connection in tuple(self._open)))


class _Connection:
    def __init__(
        self,
        socket: WebSocket,
        engine: Engine,
        callers: Callers,
        throttle: Throttle,
        is_crowded: Callable[[Known], bool],
    ) -> None:
        self._socket = socket
        self._is_crowded = is_crowded
        self._engine = engine
        self._callers = callers
        self._throttle = throttle
        self._known: Known | None = None
        self._authorization = ""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None
        self._is_left = False

    @property
    def subject(self) -> str | None:
        """Whose it is; None before the greeting."""
        return self._known.subject if self._known else None

    async def serve(self) -> None:
        """From connection_init to the end, whoever ends it."""
        timers: asyncio.Task[None] | None = None
        self._owner = asyncio.current_task()
        try:
            async with asyncio.timeout(INIT_WITHIN_S) as patience:
                await self._greet()
                patience.reschedule(None)
            timers = asyncio.create_task(self._watch())
            while self._socket.application_state is WebSocketState.CONNECTED:  # others may end it meanwhile
                await self._take(await self._receive())
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            await self.end(4408, "Connection initialisation timeout")
        except Close as close:
            await self.end(close.code, close.reason)
        except asyncio.CancelledError:
            if not self._is_left:
                raise
            assert self._owner is not None
            self._owner.uncancel()
        finally:
            tasks = [*self._tasks.values(), *([timers] if timers else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def end(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect):  # the other side was quicker
                try:
                    async with asyncio.timeout(SEND_WITHIN_S):
                        said = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
                        await self._socket.close(code, said)
                except TimeoutError:
                    self._leave()

    def _leave(self) -> None:
        """The other side does not read: `serve` ends, and the server drops the connection."""
        self._is_left = True
        if self._owner is not None and self._owner is not asyncio.current_task():
            self._owner.cancel()

    async def _greet(self) -> None:
        while self._known is None:
            message = await self._receive()
            kind = message.get("type")
            if kind == "ping":
                await self._send({"type": "pong"})
            elif kind == "subscribe":
                raise Close(4401, "Unauthorized")
            elif kind == "connection_init":
                self._known = await self._authenticate(message.get("payload"))
            elif kind != "pong":
                raise Close(4400, "Invalid message received")
        await self._send({"type": "connection_ack"})

    async def _authenticate(self, payload: Any) -> Known:
        given = payload.get("authorization") if isinstance(payload, Mapping) else None
        if not isinstance(given, str) or not given:
            raise Close(4403, "Forbidden")
        try:
            known = await self._callers.find(given)
        except Unauthenticated as error:
            raise Close(4403, "Forbidden") from error
        except Exception as error:
            if not is_unavailable(error):
                log.exception("bug")
                raise Close(4500, "Internal server error") from error
            raise Close(1013, "Try again later") from error
        if self._is_crowded(known):
            raise Close(4429, "Too many connections")
        self._authorization = given
        return known

    async def _watch(self) -> None:
        """Pings now and then; ends the connection with its token, and when its caller is shut out."""
        assert self._known is not None
        expires_at = self._known.expires_at
        while True:
            left_s = PING_EVERY_S if expires_at is None else expires_at - time.time()
            await asyncio.sleep(min(PING_EVERY_S, left_s))
            if expires_at is not None and expires_at <= time.time():
                await self.end(4401, "Token expired")
                return
            try:
                await self._look_again()
            except Exception as error:
                if not is_unavailable(error):
                    raise
            await self._send({"type": "ping"})

    async def _look_again(self) -> Known:
        """Gateways are revoked and roles end while a socket is open: nobody keeps what they had at its start."""
        try:
            self._known = await self._callers.find(self._authorization)
            return self._known
        except Unauthenticated:
            await self.end(4401, "Unauthorized")
            raise WebSocketDisconnect from None

    async def _receive(self) -> dict[str, Any]:
        try:
            text = await self._socket.receive_text()
            if len(text) > LONGEST_MESSAGE:
                raise Close(1009, "Message too big")
            message = read_json(text)
        except (KeyError, ValueError) as error:
            raise Close(4400, "Invalid message received") from error
        if not isinstance(message, dict):
            raise Close(4400, "Invalid message received")
        return message

    async def _send(self, message: Mapping[str, Any]) -> None:
        text = orjson.dumps(message).decode()
        try:
            async with self._sending, asyncio.timeout(SEND_WITHIN_S):
                if self._socket.application_state is WebSocketState.CONNECTED:
                    await self._socket.send_text(text)
        except TimeoutError:
            self._leave()
            raise WebSocketDisconnect from None

    async def _take(self, message: dict[str, Any]) -> None:
        kind, id = message.get("type"), message.get("id")
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "pong":
            pass
        elif kind == "connection_init":
            raise Close(4429, "Too many initialisation requests")
        elif not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
            raise Close(4400, "Invalid message received")
        elif kind == "complete":
            if task := self._tasks.pop(id, None):
                task.cancel()
        elif kind == "subscribe":
            if id in self._tasks:
                raise Close(4409, f"Subscriber for {id} already exists")
            if len(self._tasks) >= MOST_SUBSCRIPTIONS:
                sentence = f"A connection has at most {MOST_SUBSCRIPTIONS} operations at a time."
                told = tell(ErrorCode.RATE_LIMITED, sentence, new_request_id())
                await self._send({"type": "error", "id": id, "payload": [told]})
                return
            task = asyncio.create_task(self._operate(id, message.get("payload")))
            self._tasks[id] = task
            task.add_done_callback(lambda done: self._forget(id, done))
        else:
            raise Close(4400, "Invalid message received")

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(id) is task:
            del self._tasks[id]

    async def _operate(self, id: str, payload: Any) -> None:
        """One operation, to its end. Whatever goes wrong becomes an `error` message of its id."""
        request_id = new_request_id()
        try:
            await self._run(id, payload, request_id)
        except Rejected as rejected:
            await self._send({"type": "error", "id": id, "payload": rejected.errors})
        except (WebSocketDisconnect, RuntimeError):
            pass  # nobody is there any more; the reader of the socket notices
        except Exception as error:
            if is_unavailable(error):
                log.warning("unavailable", request=request_id, why=type(error).__name__)
                told = tell(ErrorCode.UNAVAILABLE, UNAVAILABLE_SENTENCE, request_id)
            else:
                log.exception("bug", request=request_id)
                told = tell(ErrorCode.INTERNAL, INTERNAL_SENTENCE, request_id)
            await self._send({"type": "error", "id": id, "payload": [told]})

    async def _run(self, id: str, payload: Any, request_id: str) -> None:
        known = await self._look_again()
        try:
            asked = read_asked(payload)
        except ValueError as error:
            raise Rejected.because(400, ErrorCode.BAD_USER_INPUT, str(error), request_id) from error
        wait_s = await self._throttle.take(pace_of(known.caller), known.subject or "")
        if wait_s is not None:
            raise too_many(wait_s, request_id)
        prepared, kind = self._engine.prepare(asked, known, request_id)
        if kind is not OperationType.SUBSCRIPTION:
            answer = await self._engine.run(prepared, kind, asked, known, request_id)
            await self._send({"type": "next", "id": id, "payload": answer})
            await self._send({"type": "complete", "id": id})
            return
        SUBSCRIPTIONS.inc()
        try:
            async with aclosing(self._engine.stream(prepared, asked, known, request_id)) as answers:
                async for answer in answers:
                    if "data" not in answer:  # it never began
                        raise Rejected(400, *answer["errors"])
                    await self._send({"type": "next", "id": id, "payload": answer})
            await self._send({"type": "complete", "id": id})
        finally:
            SUBSCRIPTIONS.dec()
