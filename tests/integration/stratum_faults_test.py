# SPDX-License-Identifier: MIT
"""What hostile and broken miners do to the server: each is answered with a named error or the end of the
connection, nothing is credited that should not be, and an honest miner beside them goes on untouched.

Each test prints what happened; together they are the list of fault cases."""
import json
import socket

import time
import unittest

from support.program import Program, wait_for
from support.rawminer import Neighbour, RawMiner, Wire

DIFFICULTY = 2e-6



class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = Program({
            "mining": {"algorithm": "sha256d", "autostart": False, "enable_cpu": False},
            "pool": {"enable": True, "loops": 2, "difficulty": {"start": DIFFICULTY, "min": DIFFICULTY, "max": DIFFICULTY},
                     "devnet": {"block_interval": "3600s"}},
        })
        cls.addClassCleanup(cls.pool.close)
        cls.pool.start()
        wait_for("a template", lambda: cls.pool.get("/api/pool/info")["height"], 30)

    def setUp(self):
        self.neighbour = Neighbour(self.pool.port["stratum"])
        self.bad = "bad" + self._testMethodName[5:7]
        self.wires, self.told = [], "?"

    def tearDown(self):
        """The honest miner beside it had its shares accepted all the time."""
        for wire in self.wires:
            wire.close()
        had = self.neighbour.accepted
        wait_for("the neighbour's next shares", lambda: self.neighbour.failure or self.neighbour.accepted >= had + 3, 20)
        self.neighbour.stop()
        self.assertIsNone(self.neighbour.failure)
        self.assertEqual(self.neighbour.refused, [])
        print(f"{self._testMethodName[5:].replace('_', ' ')}: {self.told}; the neighbour's slowest answer "
              f"{1000 * self.neighbour.slowest:.0f} ms")

    def wire(self):
        self.wires.append(Wire(self.pool.port["stratum"]))
        return self.wires[-1]

    def miner(self, worker="w1"):
        self.wires.append(RawMiner(self.pool.port["stratum"], f"{self.bad}.{worker}").login())
        return self.wires[-1]

    def credited(self, address=None):
        return sum(w["accepted"] for w in self.pool.get("/api/workers")["workers"]
                   if w.get("address") == (address or self.bad))

    def check_credited(self, shares):
        """Exactly so many shares were credited to the villain."""
        wait_for(f"{shares} credited shares", lambda: self.credited() >= shares, 10)
        time.sleep(1.5)  # longer than a batch and a snapshot take
        self.assertEqual(self.credited(), shares)

    def check_refused(self, miner, params, *words):
        good, why = miner.submit(params)
        self.assertFalse(good)
        self.assertTrue(any(word in why.lower() for word in words), why)
        return why

    # --- shares ---------------------------------------------------------------------------------

    def test_01_a_share_of_another_connection(self):
        one, other = self.miner(), self.miner("w2")
        share = one.grind()
        stolen = [other.user, *share[1:]]
        self.told = self.check_refused(other, stolen, "low difficulty")
        self.assertTrue(one.submit(share)[0])
        self.check_credited(1)

    def test_02_a_share_twice(self):
        miner = self.miner()
        share = miner.grind()
        self.assertTrue(miner.submit(share)[0])
        self.told = self.check_refused(miner, share, "duplicate")
        self.check_credited(1)

    def test_03_a_share_again_in_capitals(self):
        miner = self.miner()
        share = miner.grind()
        while share[4] == share[4].upper():
            share = miner.grind()
        self.assertTrue(miner.submit(share)[0])
        self.told = self.check_refused(miner, [*share[:4], share[4].upper()], "duplicate")
        self.check_credited(1)

    def test_04_a_share_again_by_another_worker(self):
        miner = self.miner()
        self.assertTrue(miner.ask("mining.authorize", [f"{self.bad}.w3", "x"])["result"])
        share = miner.grind()
        self.assertTrue(miner.submit(share)[0])
        self.told = self.check_refused(miner, [f"{self.bad}.w3", *share[1:]], "duplicate")
        self.check_credited(1)

    def test_05_a_share_again_after_coming_back(self):
        miner = self.miner()
        share = miner.grind()
        self.assertTrue(miner.submit(share)[0])
        session = miner.session
        miner.close()
        time.sleep(1)
        again = RawMiner(self.pool.port["stratum"], miner.user)
        self.wires.append(again)
        again.subscribe(session)
        again.ask("mining.authorize", [again.user, "x"])
        self.assertEqual(again.extranonce1, miner.extranonce1)
        self.told = self.check_refused(again, share, "duplicate")
        self.check_credited(1)

    def test_06_version_bits_that_may_not_be_rolled(self):
        miner = self.miner()
        self.told = self.check_refused(miner, [*miner.grind(), "20000000"], "version")
        answer = miner.ask("mining.configure", [["version-rolling"], {"version-rolling.mask": "ffffffff"}])
        mask = int(answer["result"]["version-rolling.mask"], 16)
        self.assertEqual(mask & ~0x1FFFE000, 0)
        self.check_refused(miner, [*miner.grind(), f"{0xffffffff & ~mask:08x}"], "version")
        self.check_credited(0)

    def test_07_a_share_that_is_too_easy(self):
        miner = self.miner()
        self.told = self.check_refused(miner, miner.grind(low=True), "low difficulty")
        self.check_credited(0)

    def test_08_jobs_that_never_were(self):
        miner = self.miner()
        share = miner.grind()
        for job in ("0", "ffffffff", "", "x" * 4000, "-1", "1v99999999999", share[1] + "v7"):
            self.told = self.check_refused(miner, [share[0], job, *share[2:]], "job", "stale", "malformed", "field", "must be")
        self.check_credited(0)

    def test_09_times_out_of_range(self):
        miner = self.miner()
        share = miner.grind()
        for ntime in (int(share[3], 16) + 86400, 0, 0xFFFFFFFF):
            self.told = self.check_refused(miner, [*share[:3], f"{ntime:08x}", share[4]], "time")
        self.check_credited(0)

    def test_10_fields_of_the_wrong_kind(self):
        miner = self.miner()
        user, job, extranonce2, ntime, nonce = miner.grind()
        bad = ([], [user], [user, job, extranonce2, ntime], [user, job, extranonce2[:-2], ntime, nonce],
               [user, job, extranonce2 + "00", ntime, nonce], [user, job, extranonce2, ntime, nonce + "0"],
               [user, job, extranonce2, ntime, "0x" + nonce[2:]], [user, job, extranonce2, ntime, "zzzzzzzz"],
               [user, job, extranonce2, ntime, 12345678], [user, 7, extranonce2, ntime, nonce], [None] * 5, {"a": 1},
               [user, job, "é" * 8, ntime, nonce])
        for params in bad:
            good, self.told = miner.submit(params)
            self.assertFalse(good, params)
            if self.told == "closed":  # as many bad ones as it may send
                miner = self.miner()
        self.check_credited(0)

    def test_11_a_worker_that_never_logged_in(self):
        miner = self.miner()
        self.told = self.check_refused(miner, ["somebody.else", *miner.grind()[1:]], "authori")
        self.check_credited(0)
        self.assertEqual(self.credited("somebody"), 0)

    def test_12_shares_before_any_login(self):
        wire = self.wire()
        wire.say({"id": 1, "method": "mining.submit", "params": [f"{self.bad}.w1", "1", "00" * 8, "00000000", "00000000"]})
        self.told = wire.line()["error"][1]
        self.assertIn("subscribe", self.told.lower())
        self.check_credited(0)

    # --- bytes ----------------------------------------------------------------------------------

    def test_13_http_on_the_stratum_port(self):
        wire = self.wire()
        wire.send(b"GET / HTTP/1.1\r\nHost: pool\r\n\r\n")
        self.assertTrue(wire.closed())
        self.told = "closed"

    def test_14_tls_on_the_plain_port(self):
        wire = self.wire()
        wire.send(bytes.fromhex("1603010200010001fc0303") + bytes(range(256)) * 2)
        self.assertTrue(wire.closed())
        self.told = "closed"

    def test_15_a_proxy_header_from_nobody(self):
        for header in (b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 3333\r\n",
                       b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)):
            wire = self.wire()
            wire.send(header + b'{"id":1,"method":"mining.subscribe","params":[]}\n')
            self.assertTrue(wire.closed())
        self.told = "closed"

    def test_16_a_line_without_end(self):
        wire = self.wire()
        try:
            for _ in range(64):
                wire.send(b'{"id":1,"method":"' + b"a" * 65536)
        except OSError:
            pass
        self.assertTrue(wire.closed())
        self.told = "closed"

    def test_17_noise(self):
        for noise in (b"\0" * 100 + b"\n", b"\xff\xfe{}\n" * 20, b'{"id":\n' * 20, b"[" * 9000 + b"\n" + b"{}\n" * 30,
                      b'{"id":1,"method":"\\u0000"}\n', b'{"id":1e999,"method":"mining.subscribe","params":[]}\n' * 20):
            wire = self.wire()
            wire.send(noise)
            answer = wire.line()
            if answer is not None:
                self.assertTrue(answer["error"], noise)
        self.told = "errors or the end"

    def test_18_a_reset_in_the_middle_of_a_line(self):
        for _ in range(50):
            wire = Wire(self.pool.port["stratum"])
            wire.send(b'{"id":1,"method":"mining.sub')
            wire.reset()
        self.told = "50 connections gone"

    def test_19_a_reset_with_a_share_on_its_way(self):
        miner = self.miner()
        share = miner.grind()
        miner.say({"id": 99, "method": "mining.submit", "params": share})
        miner.reset()
        time.sleep(1)
        self.told = f"{self.credited()} credited, at most one"
        self.assertLessEqual(self.credited(), 1)

    def test_20_one_byte_at_a_time(self):
        wire = self.wire()
        for byte in b'{"id":1,"method":"mining.subscribe","params":[]}\n':
            wire.send(bytes([byte]))
            time.sleep(0.01)
        self.assertIn("result", wire.line())
        self.told = "served, as slow as it is"

    def test_21_half_open_connections(self):
        self.wires += [Wire(self.pool.port["stratum"]) for _ in range(300)]
        self.told = "300 held open"
        self.assertGreaterEqual(wait_for("them to be counted", lambda: self.pool.get("/api/pool/info")["connections"] >= 301
                                         and self.pool.get("/api/pool/info")["connections"], 10), 301)

    # --- floods ---------------------------------------------------------------------------------

    def test_22_a_million_subscribes(self):
        wire = self.wire()
        line = b'{"id":1,"method":"mining.subscribe","params":[]}\n'
        wire.socket.settimeout(20)
        sent = 0
        try:
            for _ in range(10000):
                wire.send(line * 100)
                sent += 100
        except OSError:
            pass
        self.assertLess(sent, 1000000)
        self.told = f"cut after {sent}"
        extranonces = set()
        for _ in range(5):
            miner = RawMiner(self.pool.port["stratum"])
            self.wires.append(miner)
            miner.subscribe()
            extranonces.add(miner.extranonce1)
        self.assertEqual(len(extranonces), 5)

    def test_23_a_reader_that_stopped_reading(self):
        wire = self.wire()
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.socket.settimeout(1)
        ask = b'{"id":"' + b"x" * 40 + b'","method":"mining.ping","params":[]}\n'
        cut = False
        end = time.monotonic() + 40
        while not cut and time.monotonic() < end:
            try:
                wire.send(ask * 1000)
            except TimeoutError:
                continue
            except OSError:
                cut = True
        self.assertTrue(cut)
        self.told = "cut"

    def test_24_connections_in_a_storm(self):
        for _ in range(1000):
            wire = Wire(self.pool.port["stratum"])
            wire.send(b'{"id":1,"method":"mining.subscribe","params":[]}\n')
            wire.close()
        self.told = "1000 came and went"
        wait_for("them to be gone", lambda: self.pool.get("/api/pool/info")["connections"] <= 2, 20)

    def test_25_many_workers_on_a_connection(self):
        miner = self.miner()
        answers = [miner.ask("mining.authorize", [f"{self.bad}.n{i}", "x"]) for i in range(400)]
        refused = [a["error"][1] for a in answers if a and not a["result"]]
        self.assertTrue(refused or None in answers)
        self.told = refused[0] if refused else "closed"

    def test_26_difficulties_nobody_can_mean(self):
        miner = self.miner()
        for value in (0, -1, 1e308, 5e-324, "x", None, [], True, "1e400"):
            miner.ask("mining.suggest_difficulty", [value])
            miner.ask("mining.configure", [["minimum-difficulty"], {"minimum-difficulty.value": value}])
        for password in ("d=0", "d=-5", "d=1e999", "d=nan", "d=" + "9" * 500, ",;,;" * 100):
            miner.ask("mining.authorize", [miner.user, password])
        miner.drain()
        self.assertTrue(miner.submit(miner.grind())[0])
        self.told = f"still at {miner.difficulty:g}"

    def test_27_names_nobody_can_print(self):
        wire = self.wire()
        wire.say({"id": 1, "method": "mining.subscribe", "params": ["\x1b[2J\x07" * 100]})
        wire.line()
        for name in ("", ".", ".w", "a b", "\x1b[2J", "é", "x" * 5000, "a\nb"):
            wire.say({"id": 2, "method": "mining.authorize", "params": [name, "x"]})
            answer = wire.line()
            self.assertFalse(answer and answer["result"], name)
            self.told = answer["error"][1] if answer else "closed"
            if answer is None:
                break
        self.assertNotIn("\x1b", json.dumps(self.pool.get("/api/workers"), ensure_ascii=False))

    def test_28_a_stopped_server_serves_on(self):
        miner = self.miner()
        share = miner.grind()
        self.pool.pause()
        try:
            miner.say({"id": 77, "method": "mining.submit", "params": share})
            time.sleep(2)
        finally:
            self.pool.resume()
        answer = miner.line()
        while answer.get("id") != 77:
            answer = miner.line()
        self.assertTrue(answer["result"])
        self.told = "SIGSTOP, 2 s, SIGCONT: the share sent meanwhile was accepted"
        self.check_credited(1)


if __name__ == "__main__":
    unittest.main()
