# SPDX-License-Identifier: MIT
"""Limits and bans of the running pool: who misbehaves is shut out, seen everywhere, and comes back when told so."""
import signal
import socket
import unittest

from support.program import Program, wait_for
from support.rawminer import RawMiner, Wire

EASY = 2e-6
POOL = {
    "mining": {"algorithm": "sha256d", "autostart": False, "enable_cpu": False},
    "pool": {"enable": True, "loops": 2, "difficulty": {"start": EASY, "min": EASY, "max": EASY},
             "devnet": {"block_interval": "3600s"},
             "limits": {"limit_loopback": True, "min_shares": 20}},
}


def come_from(host, port, miner=True):
    """A connection from another address of the loopback network."""
    wire = RawMiner.__new__(RawMiner) if miner else Wire.__new__(Wire)
    wire.socket = socket.create_connection(("127.0.0.1", port), 10, (host, 0))
    wire.buffer = b""
    if miner:
        wire.user, wire.ident, wire.extranonce2 = "me.w1", 0, 0
        wire.difficulty, wire.job, wire.jobs, wire.session, wire.extranonce1 = None, None, {}, None, None
    return wire


def bans(pool):
    return {row["address"]: row for row in pool.get("/api/pool/bans")["bans"]}


def submit_rubbish(miner, times=60):
    """False when it was cut."""
    for i in range(times):
        share = [miner.user, miner.job[0], f"{i:016x}", miner.job[7], "00000000"]
        try:
            if miner.ask("mining.submit", share) is None:
                return False
        except OSError:
            return False
    return True


class Guard(unittest.TestCase):
    def setUp(self):
        self.pool = Program(POOL)
        self.addCleanup(self.pool.close)

    def start(self):
        self.pool.start()
        wait_for("a template", lambda: self.pool.get("/api/pool/info")["height"], 30)
        return self.pool.port["stratum"]

    def cli(self, *words, check=True):
        return self.pool.cli("bans", *words, "--api", f"http://127.0.0.1:{self.pool.port['api']}", check=check)

    def told_at_the_door(self, host, port):
        wire = come_from(host, port, miner=False)
        try:
            answer = wire.line()
        finally:
            wire.close()
        return answer and answer["error"][1]

    def test_invalid_shares_ban_the_address_until_it_is_let_in(self):
        port = self.start()
        good, bad = come_from("127.0.0.1", port).login(), come_from("127.0.0.2", port).login()
        self.assertTrue(good.submit(good.grind())[0])
        self.assertFalse(submit_rubbish(bad))
        row = wait_for("the ban", lambda: bans(self.pool).get("127.0.0.2"), 10)
        self.assertEqual((row["cause"], row["count"]), ("invalid-shares", 1))
        self.assertEqual(self.told_at_the_door("127.0.0.2", port), "your IP is banned")
        self.assertTrue(good.submit(good.grind())[0])
        self.assertIn("127.0.0.2", self.cli().stdout)
        info = wait_for("the counts", lambda: (i := self.pool.get("/api/pool/info"))["refused"]["banned"] and i, 10)
        self.assertEqual((info["closed"]["invalid-shares"], info["bans"]), (1, 1))
        metrics = self.pool.request("GET", "/metrics", port="metrics")[1]
        self.assertIn('otedama_server_closed_total{coin="devnet",reason="invalid-shares"} 1', metrics)
        self.assertIn('otedama_server_bans{coin="devnet"} 1', metrics)
        self.assertIn("may connect again", self.cli("remove", "127.0.0.2").stdout)
        self.assertEqual(bans(self.pool), {})
        come_from("127.0.0.2", port).login().close()

    def test_bans_outlive_a_restart(self):
        port = self.start()
        self.cli("add", "127.0.0.3", "1h")
        self.cli("add", "127.0.0.4", "forever")
        before = bans(self.pool)
        self.pool.stop()
        self.pool.start()
        self.assertEqual(bans(self.pool), before)
        self.assertEqual(self.told_at_the_door("127.0.0.3", port), "your IP is banned")
        status, _ = self.pool.request("DELETE", "/api/pool/bans/127.0.0.3")
        self.assertEqual(status, 200)
        come_from("127.0.0.3", port).login().close()
        self.assertNotEqual(self.cli("remove", "127.0.0.3", check=False).returncode, 0)

    def test_a_ban_by_hand_closes_what_is_open(self):
        port = self.start()
        bad, good = come_from("127.0.0.5", port).login(), come_from("127.0.0.6", port).login()
        status, _ = self.pool.post("/api/pool/bans", {"address": "127.0.0.5", "time": "10m"})
        self.assertEqual(status, 200)
        self.assertTrue(bad.closed(15))
        self.assertTrue(good.submit(good.grind())[0])

    def test_limits_follow_a_reload(self):
        port = self.start()
        held = [come_from("127.0.0.7", port) for _ in range(3)]
        self.pool.settings["pool"]["limits"]["per_address"] = 3
        self.pool.write_config()
        self.pool.process.send_signal(signal.SIGHUP)
        said = wait_for("the limit", lambda: self.limited("127.0.0.7", port), 15, step=0.3)
        self.assertEqual(said, "its address has all connections it may have")
        come_from("127.0.0.8", port).login().close()
        for wire in held:
            wire.close()

    def limited(self, host, port):
        wire = come_from(host, port, miner=False)
        try:
            return wire.line(1)["error"][1]
        except (TimeoutError, TypeError):
            return None
        finally:
            wire.close()

    def test_behind_a_balancer_the_miner_is_banned_not_the_balancer(self):
        self.pool.settings["pool"]["proxy_from"] = ["127.0.0.1"]
        self.pool.write_config()
        port = self.start()

        def proxied(host):
            miner = RawMiner(port)
            miner.send(f"PROXY TCP4 {host} 192.0.2.1 4000 3333\r\n".encode())
            return miner

        good, bad = proxied("203.0.113.1").login(), proxied("203.0.113.2").login()
        self.assertFalse(submit_rubbish(bad))
        wait_for("the ban", lambda: list(bans(self.pool)) == ["203.0.113.2"], 10)
        again = proxied("203.0.113.2")
        self.assertEqual(again.line()["error"][1], "your IP is banned")
        self.assertTrue(good.submit(good.grind())[0])
        proxied("203.0.113.3").login().close()


if __name__ == "__main__":
    unittest.main()
