# SPDX-License-Identifier: MIT
"""The addresses where miners connect: several at once, changed by a reload, under TLS, behind a load balancer."""
import hashlib
import os
import pathlib
import signal
import socket
import ssl
import stat
import time
import unittest

from support.program import Program, free_port, free_ports, wait_for
from support.rawminer import RawMiner, Wire

EASY = 2e-6
POOL = {
    "mining": {"algorithm": "sha256d", "autostart": False, "enable_cpu": False},
    "pool": {"enable": True, "difficulty": {"start": EASY, "min": EASY, "max": EASY},
             "devnet": {"block_interval": "3600s"}},
}


def port_row(port, **more):
    return {"address": f"127.0.0.1:{port}", **more}


def secure(wire):
    """The same conversation under TLS, with whoever answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    wire.socket = context.wrap_socket(wire.socket)
    return wire


def listener(pool, port):
    rows = pool.get("/api/pool/info")["listeners"]
    return next((row for row in rows if row["address"].endswith(f":{port}")), None)


def reload_with(pool, change):
    change(pool.settings["pool"])
    pool.write_config()
    pool.process.send_signal(signal.SIGHUP)


class Ports(unittest.TestCase):
    def test_presets_tls_and_what_is_shown(self):
        plain, secret, either = free_ports(3)
        with Program(POOL) as pool:
            pool.settings["pool"]["ports"] = [
                port_row(plain, preset="small"), port_row(secret, tls="on", preset="rental"),
                port_row(either, tls="detect", start_difficulty=EASY, min_difficulty=EASY)]
            pool.write_config()
            pool.start()
            rows = {row["address"].rsplit(":")[-1]: row for row in pool.get("/api/pool/info")["listeners"]}
            self.assertEqual([(r["preset"], r["tls"], r["listening"], r["error"]) for r in rows.values()],
                             [("standard", "off", True, None), ("small", "off", True, None),
                              ("rental", "on", True, None), ("standard", "detect", True, None)])
            self.assertAlmostEqual(rows[str(secret)]["min_difficulty"], EASY)  # pool.difficulty.max holds
            fingerprint = pool.get("/api/pool/info")["tls"]["fingerprint"]
            shown = pool.cli("status", "--config", str(pool.config)).stdout
            for word in (f"127.0.0.1:{secret}", "rental", "detect", fingerprint):
                self.assertIn(word, shown)
            self.assertIn(f"fingerprint of the pool's certificate is {fingerprint}", pool.text())
            key = pool.folder / "pool-key.pem"
            self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
            der = ssl.PEM_cert_to_DER_cert((pool.folder / "pool-certificate.pem").read_text())
            self.assertEqual(hashlib.sha256(der).hexdigest(), fingerprint)
            for port, wrap in ((plain, False), (secret, True), (either, False), (either, True)):
                miner = RawMiner.__new__(RawMiner)
                RawMiner.__init__(miner, port, f"me.p{port}{wrap}")
                if wrap:
                    secure(miner)
                miner.login()
                self.assertTrue(miner.share())
                miner.close()

    def test_a_reload_opens_closes_and_names_the_busy_one(self):
        old, fresh = free_ports(2)
        with Program(POOL) as pool, socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            busy = other.getsockname()[1]
            pool.settings["pool"]["ports"] = [port_row(old)]
            pool.write_config()
            pool.start()
            stays = RawMiner(old, "me.stays").login()
            reload_with(pool, lambda p: p.update(ports=[port_row(fresh), port_row(busy)]))
            wait_for("the new port", lambda: listener(pool, fresh), 10)
            self.assertIsNone(listener(pool, old))
            row = listener(pool, busy)
            self.assertFalse(row["listening"])
            self.assertIn("in use", row["error"])
            self.assertTrue(any(str(busy) in w for w in pool.get("/api/status")["warnings"]))
            with self.assertRaises(OSError):
                Wire(old)
            self.assertTrue(stays.share())
            self.assertTrue(RawMiner(fresh, "me.new").login())
            other.close()
            wait_for("it is tried again", lambda: listener(pool, busy)["listening"], 20)
            self.assertTrue(stays.share())

    def test_a_new_certificate_is_taken_without_dropping_anybody(self):
        port = free_port()
        with Program(POOL) as pool, Program(POOL) as forger:  # whose certificate becomes ours
            pool.settings["pool"]["ports"] = [port_row(port, tls="on")]
            pool.write_config()
            pool.start()
            stays = secure(RawMiner(port, "me.stays")).login()
            before = pool.get("/api/pool/info")["tls"]
            self.assertTrue(before["self_signed"])
            forger.settings["pool"]["ports"] = [port_row(free_port(), tls="on")]
            forger.write_config()
            forger.start()
            forger.stop()
            files = {"certificate": str(forger.folder / "pool-certificate.pem"), "key": str(forger.folder / "pool-key.pem")}
            reload_with(pool, lambda p: p.update(tls=files))
            after = wait_for("the new fingerprint", lambda: pool.get("/api/pool/info")["tls"]["fingerprint"]
                             != before["fingerprint"] and pool.get("/api/pool/info")["tls"], 10)
            self.assertFalse(after["self_signed"])
            probe = secure(Wire(port))
            self.assertEqual(hashlib.sha256(probe.socket.getpeercert(True)).hexdigest(), after["fingerprint"])
            self.assertTrue(stays.share())
            pathlib.Path(files["key"]).write_text("rubbish")
            pool.process.send_signal(signal.SIGHUP)
            wait_for("it is named", lambda: pool.get("/api/pool/info")["tls"]["error"], 10)
            self.assertTrue(secure(RawMiner(port, "me.later")).login())  # the one before is still shown

    def test_our_client_pins_the_fingerprint(self):
        port = free_port()
        with Program(POOL) as pool:
            pool.settings["pool"]["ports"] = [port_row(port, tls="detect")]
            pool.write_config()
            pool.start()
            wait_for("a template", lambda: pool.get("/api/pool/info")["height"], 30)
            fingerprint = pool.get("/api/pool/info")["tls"]["fingerprint"]

            def upstream(pin):
                return {"mining": {"algorithm": "sha256d", "autostart": True}, "pool": {"enable": False},
                        "upstreams": [{"url": f"stratum+ssl://127.0.0.1:{port}", "user": "me.rig", "tls_fingerprint": pin}]}
            with Program(upstream(fingerprint)) as rig:
                rig.start()
                wait_for("accepted shares under TLS", lambda: rig.get("/api/status")["shares"]["accepted"] > 2, 30)
            with Program(upstream("00" * 32)) as rig:
                rig.start()
                wait_for("a refusal", lambda: "not the pinned one" in str(rig.get("/api/pools")), 20)
                self.assertEqual(rig.get("/api/status")["shares"]["accepted"], 0)

    def test_garbage_has_a_name(self):
        port = free_port()
        with Program(POOL) as pool:
            pool.settings["pool"]["ports"] = [port_row(port, tls="on")]
            pool.write_config()
            pool.start()
            wire = Wire(port)
            wire.send(b"\x16\x03\x01\x01\x00" + os.urandom(4000))
            self.assertTrue(wire.closed())
            wait_for("its name in the log", lambda: "no TLS connection came about" in pool.text(), 10)
            wire = Wire(port)
            wire.say({"id": 1, "method": "mining.subscribe", "params": []})
            self.assertIn("stratum+ssl://", str(wire.line()))
            wait_for("its name, too", lambda: "without TLS to a TLS port" in pool.text(), 10)


class Balancer(unittest.TestCase):
    def test_it_says_whom_it_brings(self):
        with Program(POOL) as pool:
            pool.settings["pool"]["proxy_from"] = ["127.0.0.0/8"]
            pool.write_config()
            pool.start()
            miner = RawMiner(pool.port["stratum"], "me.behind")
            miner.send(b"PROXY TCP4 198.51.100.7 203.0.113.1 4242 3333\r\n")
            miner.login()
            self.assertTrue(miner.share())
            row = wait_for("its worker", lambda: next((w for w in pool.get("/api/workers")["workers"]
                                                       if w["name"] == "behind" and w.get("peer")), None), 10)
            self.assertEqual(row["peer"], "198.51.100.7:4242")
            bare = RawMiner(pool.port["stratum"], "me.bare")
            bare.say({"id": 1, "method": "mining.subscribe", "params": []})
            self.assertTrue(bare.closed())
            wait_for("its name", lambda: "sends no proper PROXY header" in pool.text(), 10)
            reload_with(pool, lambda p: p.update(proxy_from=["192.0.2.1"]))
            wait_for("the reload", lambda: "configuration read" in pool.text(), 10)
            liar = Wire(pool.port["stratum"])
            liar.send(b"PROXY TCP4 198.51.100.7 203.0.113.1 4242 3333\r\n{}\n")
            self.assertTrue(liar.closed())
            wait_for("the liar's name", lambda: "pool.proxy_from does not list it" in pool.text(), 10)
            self.assertTrue(miner.share())


class Drain(unittest.TestCase):
    """A pool that closes sends its miners away one after the other."""

    def crowd(self, pool, count=8):
        return [RawMiner(pool.port["stratum"], f"me.w{i}").login() for i in range(count)]

    def told(self, miner):
        """The parameters of client.reconnect; a share that was found meanwhile still counts."""
        while True:
            message = miner.line(10)
            self.assertIsNotNone(message, "closed without a word")
            if message.get("method") == "client.reconnect":
                return message["params"]
            miner.note(message)

    def test_pool_off_says_where_to_and_credits_what_comes(self):
        with Program(POOL) as pool:
            pool.settings["pool"]["drain_to"] = "backup.example.org:3334"
            pool.write_config()
            pool.start()
            miners = self.crowd(pool)
            pool.post("/api/pool/mode", {"enabled": False})
            for miner in miners:
                self.assertEqual(self.told(miner), ["backup.example.org", "3334", 0])
                self.assertTrue(miner.share())
            with self.assertRaises(OSError):
                Wire(pool.port["stratum"])
            for miner in miners[:4]:
                miner.close()
            for miner in miners[4:]:
                self.assertTrue(miner.closed(15))
            wait_for("all shares", lambda: sum(w["accepted"] for w in pool.get("/api/workers")["workers"]) == 8, 10)
            pool.post("/api/pool/mode", {"enabled": True})
            miner = RawMiner(pool.port["stratum"], "me.back").login()
            self.assertTrue(miner.share())
            self.assertEqual(pool.post("/api/pool/mode", {"enabled": False, "drain": False})[0], 200)
            self.assertIsNone(miner.line(5))  # without a word

    def test_the_end_of_the_program_is_told_and_in_time(self):
        with Program(POOL) as pool:
            pool.start()
            miners = self.crowd(pool)
            begin = time.monotonic()
            pool.process.send_signal(signal.SIGTERM)
            for miner in miners:
                self.assertEqual(self.told(miner), [])
                self.assertTrue(miner.share())
            self.assertEqual(pool.process.wait(5), 0)
            self.assertLess(time.monotonic() - begin, 5)

    def test_opening_again_does_not_wait_for_the_last_miner(self):
        with Program(POOL) as pool:
            pool.start()
            self.crowd(pool)
            pool.post("/api/pool/mode", {"enabled": False})
            self.assertEqual(pool.post("/api/pool/mode", {"enabled": True})[0], 200)
            miner = RawMiner(pool.port["stratum"], "me.again").login()
            self.assertTrue(miner.share())


if __name__ == "__main__":
    unittest.main()
