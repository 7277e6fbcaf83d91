"""A small MQTT 3.1.1 client for the system tests: QoS 1 publishing with a window, subscribing,
a will-less clean session. Blocking sockets, standard library only."""
import collections
import select
import socket
import struct
import time

Message = collections.namedtuple("Message", "topic payload retained dup qos")


def _string(text):
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(data)) + data


def _packet(kind, body):
    length, head = len(body), bytearray([kind])
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | (128 if length else 0))
        if not length:
            return bytes(head) + body


class Client:
    def __init__(self, port, name=None, window=500, username=None, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.waiting, self.next_id, self.window = b"", set(), 1, window
        self.messages = collections.deque()
        flags, tail = 2, b""
        if username is not None:
            flags |= 0xC0
            tail = _string(username) + _string(password)
        name = name or "test-%d-%d" % (time.monotonic_ns(), id(self))
        self.socket.sendall(_packet(0x10, _string("MQTT") + bytes([4, flags]) + struct.pack(">H", 0) +
                                    _string(name) + tail))
        self._until(lambda: self.connected is not None)
        if self.connected != 0:
            raise ConnectionRefusedError("the broker answered %d" % self.connected)

    connected = None

    # ---- in ----
    def _take(self, kind, body):
        if kind >> 4 == 2:
            self.connected = body[1]
        elif kind >> 4 == 4:
            self.waiting.discard(struct.unpack(">H", body[:2])[0])
        elif kind >> 4 == 9:
            self.subscribed = True
        elif kind >> 4 == 3:
            n = struct.unpack(">H", body[:2])[0]
            topic, rest, qos = body[2:2 + n].decode(), body[2 + n:], kind >> 1 & 3
            if qos:
                self.socket.sendall(_packet(0x40, rest[:2]))
                rest = rest[2:]
            self.messages.append(Message(topic, rest, bool(kind & 1), bool(kind & 8), qos))

    def _parse(self):
        while True:
            if len(self.buffer) < 2:
                return
            length, shift, at = 0, 0, 1
            while True:
                if at >= len(self.buffer):
                    return
                length |= (self.buffer[at] & 127) << shift
                shift += 7
                at += 1
                if not self.buffer[at - 1] & 128:
                    break
            if len(self.buffer) < at + length:
                return
            kind, body = self.buffer[0], self.buffer[at:at + length]
            self.buffer = self.buffer[at + length:]
            self._take(kind, body)

    def poll(self, seconds=0.0):
        """Reads what is there, waiting at most so long for the first byte."""
        if select.select([self.socket], [], [], seconds)[0]:
            data = self.socket.recv(1 << 20)
            if not data:
                raise ConnectionError("the broker closed the connection")
            self.buffer += data
            self._parse()

    def _until(self, condition, seconds=20.0):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("MQTT: no answer within %.0f s" % seconds)
            self.poll(0.1)

    def wait_message(self, match=lambda m: True, seconds=20.0):
        """The next message that matches; those before it are dropped."""
        end = time.monotonic() + seconds
        while True:
            while self.messages:
                message = self.messages.popleft()
                if match(message):
                    return message
            if time.monotonic() > end:
                raise TimeoutError("no such message within %.0f s" % seconds)
            self.poll(0.1)

    # ---- out ----
    def subscribe(self, *filters, qos=1):
        self.subscribed = False
        body = struct.pack(">H", 1) + b"".join(_string(f) + bytes([qos]) for f in filters)
        self.socket.sendall(_packet(0x82, body))
        self._until(lambda: self.subscribed)

    def publish(self, topic, payload, qos=1, retain=False):
        if isinstance(payload, str):
            payload = payload.encode()
        body = _string(topic)
        if qos:
            self._until(lambda: len(self.waiting) < self.window)
            while self.next_id in self.waiting:
                self.next_id = self.next_id % 65535 + 1
            self.waiting.add(self.next_id)
            body += struct.pack(">H", self.next_id)
            self.next_id = self.next_id % 65535 + 1
        self.socket.sendall(_packet(0x30 | qos << 1 | retain, body + payload))
        self.poll()

    def flush(self, seconds=60.0):
        """Until the broker has acknowledged all that was published."""
        self._until(lambda: not self.waiting, seconds)

    def close(self):
        try:
            self.socket.sendall(_packet(0xE0, b""))
        except OSError:
            pass
        self.socket.close()
