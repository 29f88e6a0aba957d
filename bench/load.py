"""The load generator: N keep-alive connections, one request in flight on each, answers checked.

Runs as a process of its own (`python -m bench.load`): a spec in JSON on standard input, a result on standard
output. Its own CPU time is part of the result, so that a reader sees when it was the bottleneck; the server's, so
that two runs can be compared on a machine that is busy with something else.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ANSWER_TIMEOUT_S = 30.0


@dataclass
class Result:
    answers: int
    wrong: int  # status other than 200, or without the text that says it worked
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_s: float
    server_cpu_s: float
    first_wrong: str

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0


class _Wire(asyncio.Protocol):
    """One connection: sends the next body as soon as the answer to the last is whole."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = bytearray()
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        at = head.find(b"content-length:")
        assert at >= 0, "the answers of both sides name their length"
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < head_end + 4 + length:
            return
        body = bytes(self._buffer[head_end + 4 : head_end + 4 + length])
        self._buffer.clear()
        self._run.answered(time.perf_counter() - self._sent_at, head.startswith(b"http/1.1 200"), body)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        request = self._run.next_request()
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


class _Run:
    def __init__(self, spec: dict[str, object]) -> None:
        head, bodies = str(spec["head"]), spec["bodies"]
        assert isinstance(bodies, list)
        heads = spec["heads"] or [""] * len(bodies)
        assert isinstance(heads, list)
        self._requests = [
            f"{head}{more}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()
            for more, body in zip(heads, bodies, strict=True)
        ]
        self._server = int(str(spec["server"]))
        self._server_cpu_s = cpu_s(self._server)
        self._repeat = bool(spec["repeat"])
        self._good = str(spec["good"]).encode()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        self._prepared_s = usage.ru_utime + usage.ru_stime
        self._until = time.perf_counter() + float(str(spec["seconds"]))
        self._next = 0
        self._took: list[float] = []
        self._wrong = 0
        self._first_wrong = ""

    def next_request(self) -> bytes | None:
        if time.perf_counter() >= self._until:
            return None
        if self._next >= len(self._requests):
            if not self._repeat:
                return None
            self._next = 0
        self._next += 1
        return self._requests[self._next - 1]

    def answered(self, took_s: float, ok: bool, body: bytes) -> None:
        self._took.append(took_s)
        if not ok or self._good not in body:
            self._wrong += 1
            self._first_wrong = self._first_wrong or body[:300].decode("utf-8", "replace")

    def result(self, seconds: float) -> Result:
        took = sorted(self._took)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Result(
            answers=len(took) - self._wrong,
            wrong=self._wrong,
            seconds=seconds,
            p50_ms=quantile(took, 0.50) * 1000,
            p99_ms=quantile(took, 0.99) * 1000,
            cpu_s=usage.ru_utime + usage.ru_stime - self._prepared_s,
            server_cpu_s=cpu_s(self._server) - self._server_cpu_s,
            first_wrong=self._first_wrong,
        )


def cpu_s(process: int) -> float:
    """The CPU time a process has used so far, in user and system mode; proc(5), fields 14 and 15 of stat."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quantile(ordered: list[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * q))] if ordered else 0.0


async def _drive(spec: dict[str, object]) -> Result:
    loop = asyncio.get_running_loop()
    run = _Run(spec)
    started = time.perf_counter()
    wires = [
        (await loop.create_connection(lambda: _Wire(run), str(spec["host"]), int(str(spec["port"]))))[1]
        for _ in range(int(str(spec["connections"])))
    ]
    limit = float(str(spec["seconds"])) + ANSWER_TIMEOUT_S
    await asyncio.wait_for(asyncio.gather(*(wire.done for wire in wires)), limit)
    return run.result(time.perf_counter() - started)


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(_drive(json.load(sys.stdin)))), sys.stdout)
