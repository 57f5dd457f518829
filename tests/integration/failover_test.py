"""Upstream pools that go wrong, over real sockets: the client leaves, and comes back."""
import time
import unittest

from support.fakepool import FakePool
from support.program import Program, wait_for


def upstream(pool, user):
    return {"url": pool.url, "user": user, "pass": "x"}


class Failover(unittest.TestCase):
    def setUp(self):
        self.primary, self.backup = FakePool(), FakePool()

    def tearDown(self):
        self.primary.close()
        self.backup.close()

    def start(self, **settings):
        program = Program({"pool": {"enable": False},
                           "upstreams": [upstream(self.primary, "first.rig"), upstream(self.backup, "second.rig")],
                           **settings}).start()
        self.addCleanup(program.close)
        return program

    def test_silent_primary_is_left_within_60_s_and_taken_again(self):
        program = self.start()
        wait_for("shares at the primary", lambda: len(self.primary.accepted) > 2)
        self.primary.mode = "silent"  # the connection stays open
        begin = time.monotonic()
        wait_for("shares at the backup", lambda: len(self.backup.accepted) > 2, 60)
        print(f"silent primary left after {time.monotonic() - begin:.1f} s")
        self.primary.mode = "serve"
        begin, before = time.monotonic(), len(self.primary.accepted)
        wait_for("shares at the primary again", lambda: len(self.primary.accepted) > before + 2, 150)
        print(f"back at the primary after {time.monotonic() - begin:.1f} s")
        self.assertEqual(set(self.primary.users), {"first.rig"})
        self.assertEqual(set(self.backup.users), {"second.rig"})
        self.assertEqual([], self.primary.rejected + self.backup.rejected)
        self.assertGreater(program.get("/api/status")["shares"]["accepted"], 0)

    def test_refusing_primary_is_passed_over_at_once(self):
        self.primary.mode = "refuse"
        self.start()
        wait_for("shares at the backup", lambda: self.backup.accepted, 15)

    def test_primary_without_jobs_is_passed_over(self):
        self.primary.mode = "no-job"
        self.start()
        wait_for("shares at the backup", lambda: self.backup.accepted, 60)

    def test_primary_that_rejects_everything_is_left(self):
        self.primary.mode = "reject"
        self.start()
        wait_for("shares at the backup", lambda: self.backup.accepted, 60)

    def test_primary_that_speaks_garbage_is_left(self):
        self.primary.mode = "garbage"
        self.start()
        wait_for("shares at the backup", lambda: self.backup.accepted, 30)

    def test_primary_that_asks_to_come_back_later_is_left_meanwhile(self):
        program = self.start()
        wait_for("shares at the primary", lambda: self.primary.accepted)
        for client in list(self.primary.clients):
            self.primary._send(client, {"id": None, "method": "client.reconnect",
                                        "params": ["127.0.0.1", self.primary.port, 60]})
        wait_for("shares at the backup", lambda: self.backup.accepted, 20)
        time.sleep(2)  # what was found for the primary comes in
        before = program.get("/api/status")["shares"]["lost"]
        time.sleep(1)
        self.assertEqual(before, program.get("/api/status")["shares"]["lost"])

    def test_all_pools_dead_keeps_trying(self):
        self.primary.mode = self.backup.mode = "refuse"
        program = self.start()
        wait_for("retries", lambda: self.primary.connections > 2 and self.backup.connections > 2, 40)
        self.primary.mode = "serve"
        wait_for("shares once a pool is back", lambda: self.primary.accepted, 60)
        wait_for("mining", lambda: program.get("/api/status")["state"] == "mining")


if __name__ == "__main__":
    unittest.main()
