"""HTTP/1.1 as uvicorn reads it, with the bound that uvicorn lacks: on what comes before a body."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 64 * 1024
"""Bytes of address and headers together; nginx takes 32 KiB by default."""


class BoundedHttp(HttpToolsProtocol):
    """Answers 400 and hangs up on a longer head, whether it comes whole or never ends."""

    _in_head = True
    _passed = False  # did a head or a body end in this piece of data?
    _unfinished = 0  # bytes of a head that has not ended yet, by whole pieces
    _head = 0  # bytes of the address and the whole headers of this one

    def data_received(self, data: bytes) -> None:
        self._passed = False
        super().data_received(data)
        self._unfinished = self._unfinished + len(data) if self._in_head and not self._passed else 0
        if self._unfinished > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._passed = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head, self._passed = True, True

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD:
            raise ValueError("the head is too long")  # httptools makes a 400 of it
