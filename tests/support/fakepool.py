"""A Stratum v1 pool that checks shares with hashlib and can be told to misbehave."""
import hashlib
import json
import socket
import struct
import threading
import time

DIFF1 = 0xFFFF << 208


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


class FakePool:
    """What it does is said by `mode`, which may be changed at any time:
    serve         as a pool should
    silent        keeps the connection, says nothing
    half-open     does not even read
    refuse        closes at once
    reset         a reset in the middle of a line, once shares come
    close         closes once shares come
    reject, stale every share is refused
    unauthorised  the same, because of the user
    bad-login     the login is refused
    mute          takes shares and never answers them, though jobs come
    no-job        subscribes and authorises only
    garbage       a line that is not JSON
    slow          answers byte by byte, one in half a second
    storm         jobs without end, each clean
    extreme       a difficulty that nobody meets
    extranonce    no room for an extranonce2
    endless       a line without an end"""

    COINB1 = bytes.fromhex("01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff1403")
    COINB2 = bytes.fromhex("ffffffff0100f2052a0100000000000000")

    def __init__(self, difficulty=1e-5, mode="serve", extranonce2_size=4, resumes=False, job_every=None):
        self.difficulty, self.mode, self.extranonce2_size = difficulty, mode, extranonce2_size
        self.resumes, self.sessions, self.resumed = resumes, {}, 0
        self.submitted, self.logins = 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted, self.rejected, self.users, self.connections = [], [], [], 0
        self.job_number = 0
        self.jobs, self.clients = {}, {}
        self.seen = set()
        self.lock = threading.Lock()
        self.open = True
        threading.Thread(target=self._accept, daemon=True).start()
        if job_every:
            threading.Thread(target=self._tell_jobs, args=(job_every,), daemon=True).start()

    def _tell_jobs(self, every):
        while self.open:
            time.sleep(every)
            if self.mode not in ("no-job", "silent", "half-open"):
                self.notify(clean=True)

    def drop_all(self, reset=False):
        """Ends all connections, as a network does (reset) or a pool."""
        for client in list(self.clients):
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                client.shutdown(socket.SHUT_RDWR)
            client.close()

    @property
    def url(self):
        return f"stratum+tcp://127.0.0.1:{self.port}"

    def close(self):
        self.open = False
        self.listener.close()
        for client in list(self.clients):
            client.close()

    def _accept(self):
        while self.open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.mode == "refuse":
                client.close()
                continue
            with self.lock:
                self.clients[client] = struct.pack(">I", 0x10000000 + self.connections)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _send(self, client, message):
        line = json.dumps(message).encode() + b"\n"
        if self.mode == "slow":
            for byte in line:
                client.sendall(bytes([byte]))
                time.sleep(0.5)
        elif self.mode != "silent":
            client.sendall(line)

    def _serve(self, client):
        try:
            for line in client.makefile("rb"):
                while self.mode == "half-open" and self.open:
                    time.sleep(0.1)
                if self.mode == "silent":
                    continue
                self._answer(client, json.loads(line))
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.clients.pop(client, None)
            client.close()

    def _answer(self, client, message):
        method, params, ident = message["method"], message.get("params") or [], message.get("id")
        if self.mode == "garbage":
            client.sendall(b"this is not JSON\n")
            return
        if method == "mining.subscribe":
            session = f"s{len(self.sessions) + 1}"
            if self.resumes and len(params) > 1 and params[1] in self.sessions:
                session = params[1]
                self.clients[client] = self.sessions[session]
                self.resumed += 1
            self.sessions[session] = self.clients[client]
            size = 0 if self.mode == "extranonce" else self.extranonce2_size
            result = [[["mining.notify", session]], self.clients[client].hex(), size]
            self._send(client, {"id": ident, "result": result, "error": None})
        elif method == "mining.authorize":
            self.users.append(params[0])
            self.logins.append(tuple(params))
            if self.mode == "bad-login":
                self._send(client, {"id": ident, "result": False, "error": [24, "no such user", None]})
                return
            self._send(client, {"id": ident, "result": True, "error": None})
            if self.mode != "no-job":
                difficulty = 1e18 if self.mode == "extreme" else self.difficulty
                self._send(client, {"id": None, "method": "mining.set_difficulty", "params": [difficulty]})
                self.notify(clean=not self.resumes or not self.jobs, only=client)
            if self.mode == "storm":
                threading.Thread(target=self._storm, args=(client,), daemon=True).start()
        elif method == "mining.submit":
            self._submit(client, ident, params)
        elif method == "mining.configure":
            self._send(client, {"id": ident, "result": {"version-rolling": False}, "error": None})
        else:
            self._send(client, {"id": ident, "result": None, "error": [-3, "Method not found", None]})

    def _submit(self, client, ident, params):
        self.submitted += 1
        if self.mode == "mute":
            return
        if self.mode in ("reset", "close"):
            client.sendall(b'{"id":')
            if self.mode == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                client.shutdown(socket.SHUT_RDWR)
            client.close()
            raise OSError("by order")
        if self.mode == "endless":
            for _ in range(1000):
                client.sendall(b"a" * 1024)
            return
        code, reason = {"reject": (23, "low difficulty"), "stale": (21, "job not found"),
                        "unauthorised": (24, "unauthorized worker")}.get(self.mode, (23, None))
        reason = reason or self._check(client, params)
        (self.rejected if reason else self.accepted).append(params)
        error = [code, reason, None] if reason else None
        self._send(client, {"id": ident, "result": not reason, "error": error})

    def _storm(self, client):
        while self.open and self.mode == "storm" and client in self.clients:
            self.notify(clean=True, only=client)
            time.sleep(0.002)

    def notify(self, clean=False, only=None):
        with self.lock:
            if not self.jobs or clean:
                self.job_number += 1
                self.jobs[f"{self.job_number:x}"] = {
                    "prev": hashlib.sha256(str(self.job_number).encode()).digest(),
                    "branch": [hashlib.sha256(b"tx").digest()],
                    "version": 0x20000000, "bits": 0x1D00FFFF, "time": int(time.time())}
            ident, job = f"{self.job_number:x}", self.jobs[f"{self.job_number:x}"]
            targets = [only] if only else list(self.clients)
        prev = b"".join(job["prev"][i:i + 4][::-1] for i in range(0, 32, 4)).hex()
        params = [ident, prev, self.COINB1.hex(), self.COINB2.hex(), [b.hex() for b in job["branch"]],
                  f"{job['version']:08x}", f"{job['bits']:08x}", f"{job['time']:08x}", clean]
        for client in targets:
            try:
                self._send(client, {"id": None, "method": "mining.notify", "params": params})
            except OSError:
                pass

    def _check(self, client, params):
        """Why the share is wrong, or None."""
        _, ident, extranonce2, ntime, nonce = params[:5]
        job = self.jobs.get(ident)
        if not job:
            return "job not found"
        key = (self.clients[client], *params[1:])
        if key in self.seen:
            return "duplicate"
        self.seen.add(key)
        root = sha256d(self.COINB1 + self.clients[client] + bytes.fromhex(extranonce2) + self.COINB2)
        for branch in job["branch"]:
            root = sha256d(root + branch)
        header = (struct.pack("<I", job["version"]) + job["prev"] + root
                  + struct.pack("<III", int(ntime, 16), job["bits"], int(nonce, 16)))
        if int.from_bytes(sha256d(header), "little") > DIFF1 / self.difficulty:
            return "above target"
        return None
