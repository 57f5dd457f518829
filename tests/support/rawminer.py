# SPDX-License-Identifier: MIT
"""A Stratum v1 miner of a few lines that grinds with hashlib, and a socket that says anything at all."""
import hashlib
import itertools
import json
import socket
import struct
import threading
import time

from support.fakepool import DIFF1, sha256d


class Wire:
    """A TCP connection that sends bytes as they are and reads lines."""

    def __init__(self, port, host="127.0.0.1", timeout=10):
        self.socket = socket.create_connection((host, port), timeout)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def say(self, message):
        self.send(json.dumps(message).encode() + b"\n")

    def line(self, timeout=10):
        """The next line as JSON; None at the end of the connection; TimeoutError."""
        end = time.monotonic() + timeout
        while b"\n" not in self.buffer:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not more:
                return None
            self.buffer += more
        text, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(text)

    def closed(self, timeout=10):
        """Does the other end close within the time, whatever it says before?"""
        end = time.monotonic() + timeout
        try:
            while time.monotonic() < end:
                self.socket.settimeout(max(0.01, end - time.monotonic()))
                if not self.socket.recv(65536):
                    return True
        except ConnectionError:
            return True
        except TimeoutError:
            pass
        return False

    def reset(self):
        """Goes away with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class RawMiner(Wire):
    def __init__(self, port, user="me.w1", **options):
        super().__init__(port, **options)
        self.user, self.ident, self.extranonce2 = user, 0, 0
        self.difficulty, self.job, self.jobs, self.session, self.extranonce1 = None, None, {}, None, None

    def note(self, message):
        if message.get("method") == "mining.set_difficulty":
            self.difficulty = message["params"][0]
        elif message.get("method") == "mining.notify":
            self.job = message["params"]
            self.jobs[self.job[0]] = self.job

    def ask(self, method, params, timeout=10):
        """The whole answer; what comes between is noted. None: the connection ended."""
        self.ident += 1
        self.say({"id": self.ident, "method": method, "params": params})
        while True:
            message = self.line(timeout)
            if message is None or message.get("id") == self.ident:
                return message
            self.note(message)

    def subscribe(self, *more):
        answer = self.ask("mining.subscribe", ["rawminer/1", *more])
        self.session, self.extranonce1 = answer["result"][0][1][1], answer["result"][1]
        return answer

    def login(self):
        self.subscribe()
        answer = self.ask("mining.authorize", [self.user, "x"])
        if not answer["result"]:
            raise AssertionError(answer)
        return self.wait_job()

    def wait_job(self, timeout=20):
        while not self.job:
            self.note(self.line(timeout))
        return self

    def drain(self):
        """Notes what has come without waiting."""
        try:
            while True:
                self.note(self.line(0.01))
        except (TimeoutError, TypeError, AttributeError):
            pass

    def header(self, extranonce2, job=None):
        """The first 76 bytes."""
        _, prev, coinb1, coinb2, branch, version, bits, ntime, _ = job or self.job
        root = sha256d(bytes.fromhex(coinb1 + self.extranonce1 + extranonce2 + coinb2))
        for node in branch:
            root = sha256d(root + bytes.fromhex(node))
        prev = b"".join(bytes.fromhex(prev)[i:i + 4][::-1] for i in range(0, 32, 4))
        return (struct.pack("<I", int(version, 16)) + prev + root
                + struct.pack("<II", int(ntime, 16), int(bits, 16)))

    def grind(self, job=None, low=False):
        """Parameters of a share of the job: good, or (`low`) one that misses the target."""
        job = job or self.job
        target = int(DIFF1 / self.difficulty)
        self.extranonce2 += 1
        extranonce2 = f"{self.extranonce2:016x}"
        head = self.header(extranonce2, job)
        start, tail = hashlib.sha256(head[:64]), head[64:]
        for nonce in itertools.count():
            inner = start.copy()
            inner.update(tail + struct.pack("<I", nonce))
            value = int.from_bytes(hashlib.sha256(inner.digest()).digest(), "little")
            if (value <= target) != low:
                return [self.user, job[0], extranonce2, job[7], f"{nonce:08x}"]

    def submit(self, params):
        """(accepted?, the error's text)"""
        answer = self.ask("mining.submit", params)
        if answer is None:
            return False, "closed"
        error = answer.get("error")
        return bool(answer.get("result")), error[1] if error else ""

    def share(self):
        """True when a share was accepted: another one where somebody's block came between."""
        for _ in range(10):
            self.drain()
            good, why = self.submit(self.grind())
            if good or not ("stale" in why or "job" in why):
                return good
        return False


class Neighbour(threading.Thread):
    """An honest miner that goes on in the background: what others do must not touch it."""

    def __init__(self, port, user="good.neighbour", pause=0.02):
        super().__init__(daemon=True)
        self.miner, self.pause = RawMiner(port, user).login(), pause
        self.accepted, self.refused, self.slowest, self.open, self.failure = 0, [], 0.0, True, None
        self.start()

    def run(self):
        try:
            while self.open:
                share = self.miner.grind()
                begin = time.monotonic()
                good, why = self.miner.submit(share)
                self.slowest = max(self.slowest, time.monotonic() - begin)
                if good:
                    self.accepted += 1
                elif "stale" not in why.lower() and "job" not in why.lower():
                    self.refused.append(why)
                time.sleep(self.pause)
        except Exception as failure:  # told by whoever asks
            self.failure = failure

    def stop(self):
        self.open = False
        self.join(20)
        self.miner.close()
