"""Upstream pools that go wrong, over real sockets: the client leaves, and comes back."""
import threading
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
        program = self.start(failover={"return_after": "10s"})
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

    def leaves(self, mode, reason, timeout=40, **limits):
        """The primary begins well, or is bad from the start, and is left for a reason that has a name; shares go on at
        the backup, and the console's picture agrees."""
        late = mode in ("mute", "reject", "stale", "unauthorised", "reset", "close", "endless", "silent", "slow")
        for pool in (self.primary, self.backup):
            pool.difficulty = 2e-4
        if not late:
            self.primary.mode = mode
        program = self.start(failover={"silence": "6s", "answer_timeout": "3s", "connect_timeout": "3s", **limits})
        if late:
            wait_for("shares at the primary", lambda: len(self.primary.accepted) > 2)
            self.primary.mode = mode
        wait_for("shares at the backup", lambda: len(self.backup.accepted) > 2, timeout)
        pools = wait_for("the reason", lambda: [p for p in program.get("/api/pools")["pools"] if p["left_because"]], 10)
        self.assertEqual((0, reason), (pools[0]["number"], pools[0]["left_because"]), pools[0]["last_error"])
        self.assertTrue(pools[0]["last_error"])
        self.assertIn(f"({reason})", program.text())
        self.assertEqual({"first.rig"}, set(self.primary.users) or {"first.rig"})
        self.assertEqual({"second.rig"}, set(self.backup.users))
        self.assertEqual([], self.backup.rejected)
        self.adds_up(program)
        return pools[0]

    def adds_up(self, program):
        for shares in [program.get("/api/status")["shares"]] + [p["shares"] for p in program.get("/api/pools")["pools"]]:
            settled = sum(shares[k] for k in ("accepted", "rejected", "stale", "unanswered", "lost", "unacknowledged"))
            self.assertEqual(shares["found"], settled, shares)

    def test_primary_that_never_answers_shares_is_left_though_jobs_come(self):
        threading.Thread(target=self.tell_jobs, daemon=True).start()
        pool = self.leaves("mute", "unanswered")
        self.assertGreater(pool["shares"]["unacknowledged"], 0)
        self.assertEqual(1, pool["failovers"]["unanswered"])

    def tell_jobs(self):
        while self.primary.open:
            time.sleep(0.5)
            self.primary.notify(clean=True)

    def test_primary_that_calls_all_shares_stale_is_left(self):
        pool = self.leaves("stale", "rejects")
        self.assertIn("stale", pool["last_error"])

    def test_primary_that_forgets_our_user_is_left(self):
        self.leaves("unauthorised", "login")

    def test_primary_that_refuses_our_user_is_passed_over(self):
        self.assertIn("no such user", self.leaves("bad-login", "login")["last_error"])

    def test_primary_that_resets_in_the_middle_of_a_line_is_left(self):
        self.leaves("reset", "closed")

    def test_primary_that_closes_is_left(self):
        self.leaves("close", "closed")

    def test_half_open_primary_is_passed_over(self):
        self.leaves("half-open", "handshake")

    def test_primary_that_drips_bytes_is_left(self):
        self.leaves("slow", "silent")

    def test_primary_that_drips_bytes_from_the_start_is_passed_over(self):
        self.primary.mode = "slow"
        self.start(failover={"connect_timeout": "2s"})
        wait_for("shares at the backup", lambda: self.backup.accepted, 30)

    def test_primary_that_storms_with_jobs_is_left(self):
        self.leaves("storm", "job_storm")

    def test_primary_with_an_absurd_difficulty_is_passed_over(self):
        self.assertIn("days", self.leaves("extreme", "difficulty")["last_error"])

    def test_primary_without_room_for_an_extranonce_is_passed_over(self):
        self.assertIn("extranonce", self.leaves("extranonce", "protocol")["last_error"])

    def test_primary_with_an_endless_line_is_left(self):
        self.assertIn("256 KiB", self.leaves("endless", "protocol")["last_error"])

    def test_primary_that_rejects_everything_is_left(self):
        pool = self.leaves("reject", "rejects")
        self.assertGreaterEqual(pool["shares"]["reasons"]["low_difficulty"], 10)

    def test_primary_without_jobs_is_passed_over(self):
        self.leaves("no-job", "old_job")

    def test_primary_that_speaks_garbage_is_passed_over(self):
        self.leaves("garbage", "protocol")

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
