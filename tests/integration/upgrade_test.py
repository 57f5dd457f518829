# SPDX-License-Identifier: MIT
"""The program goes on as another one in the same process: miners keep their connection."""
import json
import os
import shutil
import signal
import socket
import time
import unittest

from integration.doors_test import EASY, POOL, port_row, secure
from support.program import BINARY, Program, free_port, wait_for
from support.rawminer import RawMiner


def merged_pool(loops=2):
    return {**POOL, "pool": {**POOL["pool"], "loops": loops}}


class Upgrade(unittest.TestCase):
    def start(self, loops=2, ports=()):
        """A program from a file of its own, which can be replaced."""
        pool = Program(merged_pool(loops))
        self.addCleanup(pool.close)
        pool.settings["pool"]["ports"] = list(ports)
        pool.write_config()
        pool.binary = pool.folder / "otedama"
        shutil.copy2(BINARY, pool.binary)
        pool.start()
        wait_for("a template", lambda: pool.get("/api/pool/info")["height"], 30)
        return pool

    def replace(self, pool, text=None):
        """Puts another file in its place, as a package does: the same program, or a script."""
        fresh = pool.folder / "fresh"
        if text is None:
            shutil.copy2(BINARY, fresh)
        else:
            fresh.write_text(text)
            fresh.chmod(0o755)
        os.rename(fresh, pool.binary)

    def upgrade(self, pool, how="signal"):
        before = pool.text().count("configuration:")
        if how == "signal":
            pool.process.send_signal(signal.SIGUSR2)
        else:
            status, answer = pool.post("/api/program/upgrade")
            self.assertEqual(status, 200, answer)
        wait_for("the next program", lambda: pool.text().count("configuration:") > before, 30)
        wait_for("its API", pool.alive, 20)

    def miner(self, port, name="me.w", wrap=False):
        miner = RawMiner(port, name)
        self.addCleanup(miner.close)
        (secure(miner) if wrap else miner).login()
        miner.before = miner.job[0]
        return miner

    def fresh_share(self, miner):
        """A share of the job that the next program told, which may have come already."""
        while miner.job[0] == miner.before:
            miner.note(miner.line())
        miner.before = miner.job[0]
        self.assertTrue(miner.share())

    def test_miners_keep_connection_extranonce_and_difficulty(self):
        pool = self.start()
        pid = pool.process.pid
        miners = [self.miner(pool.port["stratum"], f"me.w{i}") for i in range(12)]
        extranonces = [m.extranonce1 for m in miners]
        for miner in miners:
            self.assertTrue(miner.share())
        rolling = miners[0].ask("mining.configure", [["version-rolling"], {"version-rolling.mask": "1fffe000"}])
        mask = int(rolling["result"]["version-rolling.mask"], 16)
        miners[1].send(b'{"id":77,"method":"mining.pi')  # the rest of the line comes to the next program
        self.replace(pool)
        self.upgrade(pool)
        self.assertEqual(pool.process.pid, pid)
        self.assertIsNone(pool.process.poll())
        miners[1].send(b'ng","params":[]}\n')
        message = miners[1].line()
        while message.get("id") != 77:
            miners[1].note(message)
            message = miners[1].line()
        self.assertEqual(message["result"], "pong")
        for miner in miners:
            self.fresh_share(miner)
        low = mask & -mask
        share = miners[0].grind()
        self.assertNotIn("version", miners[0].submit([*share, f"{low:08x}"])[1])  # low difficulty, perhaps
        late = self.miner(pool.port["stratum"], "me.late")
        self.assertNotIn(late.extranonce1, extranonces)
        self.assertTrue(late.share())
        info = wait_for("the counts", lambda: pool.get("/api/pool/info")["connections"] == 13
                        and pool.get("/api/pool/info"), 10)
        self.assertEqual(info["connections"], 13)
        self.upgrade(pool, "api")  # and once more
        for miner in miners + [late]:
            self.fresh_share(miner)
        self.assertEqual(pool.stop()[0], 0)

    def test_nobody_is_paid_twice_for_a_share_of_the_tip(self):
        pool = self.start(1)
        miner = self.miner(pool.port["stratum"], "me.twice")
        share = miner.grind()
        self.assertTrue(miner.submit(share)[0])
        self.upgrade(pool)
        while miner.job[0] == share[1]:
            miner.note(miner.line())
        good, why = miner.submit([share[0], miner.job[0], *share[2:]])
        self.assertFalse(good, why)

    def test_no_knock_is_lost(self):
        pool = self.start()
        begun, opened, failed = time.monotonic(), 0, 0
        before = pool.text().count("configuration:")
        pool.process.send_signal(signal.SIGUSR2)
        wires = []
        while time.monotonic() - begun < 4:
            try:
                wires.append(socket.create_connection(("127.0.0.1", pool.port["stratum"]), 5))
                self.addCleanup(wires[-1].close)
                opened += 1
            except OSError:
                failed += 1
            time.sleep(0.02)
        self.assertEqual(failed, 0)
        self.assertGreater(pool.text().count("configuration:"), before)
        for wire in wires[-3:]:
            wire.settimeout(10)
            wire.sendall(b'{"id":1,"method":"mining.subscribe","params":[]}\n')
            self.assertIn(b"mining.notify", wire.recv(4096))

    def test_tls_miners_are_asked_to_come_again(self):
        port = free_port()
        pool = self.start(1, [port_row(port, tls="detect", start_difficulty=EASY, min_difficulty=EASY)])
        plain = self.miner(port, "me.plain")
        secret = self.miner(port, "me.secret", True)
        self.upgrade(pool)
        self.fresh_share(plain)
        message = secret.line()
        while message and message.get("method") != "client.reconnect":
            message = secret.line()
        self.assertEqual(message["params"], [])
        again = self.miner(port, "me.secret", True)
        self.assertTrue(again.share())

    def test_a_broken_program_changes_nothing(self):
        pool = self.start(1)
        miner = self.miner(pool.port["stratum"], "me.stays")
        for text, word in (("no program at all\n", "ended with 127"), ("#!/bin/sh\nexit 3\n", "ended with 3"),
                           ('#!/bin/sh\ntest "$1" = version\n', "config validate")):
            self.replace(pool, text)
            self.assertEqual(pool.post("/api/program/upgrade")[0], 200)
            wait_for(word, lambda: any("not upgraded" in w and word in w for w in pool.get("/api/status")["warnings"]), 15)
            self.assertTrue(miner.share())
        done = pool.cli("upgrade", "--config", str(pool.config), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not upgraded", done.stderr)
        self.assertTrue(miner.share())

    def test_one_that_vanishes_is_replaced_by_the_old_one(self):
        pool = self.start(1)
        miner = self.miner(pool.port["stratum"], "me.stays")
        self.replace(pool, '#!/bin/sh\nif [ "$1" = config ]; then rm -f "$0"; fi\nexit 0\n')
        self.upgrade(pool)
        self.fresh_share(miner)
        self.assertIn("goes on as before", pool.text())

    def test_kill_in_the_middle_loses_no_credited_share(self):
        pool = self.start(1)
        miner = self.miner(pool.port["stratum"], "me.killed")
        for _ in range(5):
            self.assertTrue(miner.share())
        pool.process.send_signal(signal.SIGUSR2)
        wait_for("it goes", lambda: "it goes on from here" in pool.text(), 15, 0.005)
        pool.kill()
        pool.start()
        self.assertEqual(pool.cli("ledger", "check", "--config", str(pool.config)).returncode, 0)
        self.assertTrue(self.miner(pool.port["stratum"], "me.killed"))

    def test_the_service_manager_is_told_that_it_goes_on(self):
        box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(box.close)
        pool = Program(merged_pool(1))
        self.addCleanup(pool.close)
        path = str(pool.folder / "notify")
        box.bind(path)
        box.settimeout(10)
        pool.start(env={"NOTIFY_SOCKET": path})

        def heard(*words):
            while not (text := box.recv(4096).decode()).startswith(words):
                pass
            return text

        heard("READY=1")
        self.upgrade(pool)
        self.assertIn("RELOADING=1\nMONOTONIC_USEC=", heard("RELOADING", "STOPPING", "READY"))
        self.assertEqual(heard("RELOADING", "STOPPING", "READY"), "READY=1")
        self.assertEqual(pool.stop()[0], 0)
        heard("STOPPING=1")

    def test_signals_in_the_middle_do_no_harm(self):
        pool = self.start(2)
        miner = self.miner(pool.port["stratum"], "me.w")
        before = pool.text().count("configuration:")
        pool.process.send_signal(signal.SIGUSR2)
        end = time.monotonic() + 20
        while pool.text().count("configuration:") == before and time.monotonic() < end:
            for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR2):
                pool.process.send_signal(number)
            time.sleep(0.002)
        wait_for("its API", pool.alive, 20)
        self.fresh_share(miner)

    def test_asked_to_end_in_the_middle_it_ends(self):
        pool = self.start(1)
        self.miner(pool.port["stratum"], "me.w")
        pool.process.send_signal(signal.SIGUSR2)
        wait_for("it goes", lambda: "it goes on from here" in pool.text(), 15, 0.002)
        pool.process.send_signal(signal.SIGTERM)
        self.assertIn(pool.process.wait(20), (0, -signal.SIGTERM))  # killed where nobody listens yet

    def test_a_document_of_another_form_is_closed_with_its_sockets(self):
        pool = Program(merged_pool(1))
        self.addCleanup(pool.close)
        port = socket.create_server(("127.0.0.1", pool.port["stratum"]))
        ours = socket.create_connection(port.getsockname())
        theirs = port.accept()[0]
        memory = os.memfd_create("document", 0)
        self.addCleanup(os.close, memory)
        os.write(memory, json.dumps({"format": 9, "rows": [port.fileno(), theirs.fileno()]}).encode())
        pool.start(env={"OTEDAMA_HANDOVER": str(memory)}, pass_fds=(memory, port.fileno(), theirs.fileno()),
                   started=lambda: (port.close(), theirs.close()))
        ours.settimeout(10)
        self.assertEqual(ours.recv(10), b"")
        ours.close()
        self.assertIn("does not know", pool.text())
        wait_for("a template", lambda: pool.get("/api/pool/info")["height"], 30)
        self.assertTrue(self.miner(pool.port["stratum"], "me.w").share())

    def test_nothing_stays_open_from_one_to_the_next(self):
        pool = self.start(2)
        self.miner(pool.port["stratum"], "me.w")
        self.upgrade(pool)
        wait_for("hashing", lambda: pool.get("/api/pool/info")["connections"] == 1, 10)
        time.sleep(2)
        count = len(os.listdir(f"/proc/{pool.process.pid}/fd"))
        for _ in range(3):
            self.upgrade(pool)
        wait_for("the same descriptors",
                 lambda: len(os.listdir(f"/proc/{pool.process.pid}/fd")) <= count, 20)

    def test_the_command_waits_for_it(self):
        pool = self.start(1)
        miner = self.miner(pool.port["stratum"], "me.w")
        time.sleep(2)
        self.assertIn("goes on", pool.cli("upgrade", "--config", str(pool.config)).stdout)
        self.fresh_share(miner)


if __name__ == "__main__":
    unittest.main()
