# SPDX-License-Identifier: MIT
"""EthereumStratum/2.0.0 at both ends: a miner whose connection is cut goes on with its session, with the shares that
it found meanwhile; a pool that was started anew gives it another one."""
import socket
import threading
import unittest

from support.program import Program, free_port, wait_for

DIFFICULTY = 3e-7  # some shares a second: one at least while the miner waits, and not more than are verified at once


class Cut:
    """A relay before a server that can be cut: nobody listens there then, until mend()."""

    def __init__(self, port):
        self.to, self.port, self.sockets = port, free_port(), []
        self.mend()

    def mend(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.sockets += [near, far]
            for a, b in (near, far), (far, near):
                threading.Thread(target=self._copy, args=(a, b), daemon=True).start()

    def _copy(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        self._end(a, b)
        a.close()

    def _end(self, *sockets):
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self._end(self.listener, *self.sockets)
        self.listener.close()
        self.sockets = []


class EthereumSessions(unittest.TestCase):
    def setUp(self):
        self.server = Program({"mining": {"algorithm": "ethash", "autostart": False, "enable_cpu": False},
                               "pool": {"enable": True, "coin": "devnet", "devnet": {"block_interval": "3600s"},
                                        "difficulty": {"start": DIFFICULTY, "min": DIFFICULTY, "max": DIFFICULTY}}})
        self.addCleanup(self.server.close)
        self.server.start()
        self.way = Cut(self.server.port["stratum"])
        self.addCleanup(self.way.cut)
        self.miner = Program({"mining": {"algorithm": "ethash", "dataset": {"mode": "light"}}, "pool": {"enable": False},
                              "upstreams": [{"url": f"stratum3+tcp://127.0.0.1:{self.way.port}", "user": "alice.rig7",
                                             "pass": "x"}]})
        self.addCleanup(self.miner.close)
        self.miner.start()
        wait_for("shares", lambda: self.pool()["shares"]["accepted"] >= 3, 120)

    def pool(self):
        return self.miner.get("/api/pools")["pools"][0]

    def lose(self):
        """The connection; shares are found without it."""
        self.way.cut()
        wait_for("a share that waits", lambda: self.pool()["waiting_for_session"] >= 1, 60)

    def test_a_cut_connection_loses_no_share(self):
        self.lose()
        before = self.pool()["shares"]["accepted"]
        self.way.mend()
        wait_for("the session", lambda: self.pool()["sessions_resumed"] == 1, 60)
        wait_for("what waited, and more", lambda: self.pool()["shares"]["accepted"] >= before + 2, 60)
        self.assertEqual(0, self.pool()["shares"]["lost"])
        rejects = self.miner.get("/api/rejects?limit=1000")["rejects"]  # of blocks that others found first
        self.assertEqual([], [r for r in rejects if "stale" not in r["reason"]], self.miner.text())
        wait_for("the pool's count", lambda: sum(w["accepted"] for w in self.server.get("/api/workers")["workers"]) >=
                 before + 2)

    def test_a_pool_that_forgot_the_session_gives_another(self):
        self.lose()
        self.server.kill()
        self.server.start()
        self.way.mend()
        wait_for("the lost share", lambda: self.pool()["shares"]["lost"] >= 1, 60)
        before = self.pool()["shares"]["accepted"]
        wait_for("shares in the new one", lambda: self.pool()["shares"]["accepted"] >= before + 2, 60)
        self.assertEqual((0, 0), (self.pool()["sessions_resumed"], self.pool()["waiting_for_session"]))


if __name__ == "__main__":
    unittest.main()
