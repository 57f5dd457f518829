"""Which upstream pools work is done for: strategies, drills, sessions, and whose credentials go where."""
import json
import time
import unittest

from support.fakepool import FakePool
from support.program import Program, wait_for

QUICK = {"silence": "6s", "answer_timeout": "3s", "connect_timeout": "3s", "return_after": "3s"}


class Strategies(unittest.TestCase):
    def pools(self, count, **options):
        self.fake = [FakePool(difficulty=2e-4, **options) for _ in range(count)]
        for pool in self.fake:
            self.addCleanup(pool.close)
        return [{"url": pool.url, "user": f"user{i}.rig", "pass": f"secret{i}"} for i, pool in enumerate(self.fake)]

    def start(self, upstreams, **failover):
        program = Program({"pool": {"enable": False}, "upstreams": upstreams, "failover": {**QUICK, **failover}}).start()
        self.addCleanup(program.close)
        return program

    def active(self, program):
        return [p["number"] for p in program.get("/api/pools")["pools"] if p["active"]]

    def accepted(self):
        return [len(pool.accepted) for pool in self.fake]

    def work(self, since=None):
        """Difficulty-weighted part of each pool."""
        work = [(len(pool.accepted) - (since[i] if since else 0)) * pool.difficulty for i, pool in enumerate(self.fake)]
        return [w / max(sum(work), 1e-300) for w in work]

    def nobody_saw_anothers_credentials(self):
        for i, pool in enumerate(self.fake):
            self.assertEqual({(f"user{i}.rig", f"secret{i}")}, set(pool.logins) or {(f"user{i}.rig", f"secret{i}")})

    def test_round_robin_stays_with_whoever_took_over(self):
        program = self.start(self.pools(3), strategy="round-robin")
        wait_for("work at 0", lambda: self.accepted()[0] > 2)
        self.fake[0].mode = "refuse"
        self.fake[0].drop_all()
        wait_for("work at 1", lambda: self.accepted()[1] > 2)
        self.fake[0].mode = "serve"
        time.sleep(6)  # twice return_after
        self.assertEqual([1], self.active(program))
        self.fake[1].mode = "refuse"
        self.fake[1].drop_all()
        wait_for("work at 2, the next one", lambda: self.accepted()[2] > 2)
        self.nobody_saw_anothers_credentials()

    def test_rotate_gives_each_a_turn(self):
        self.start(self.pools(3), strategy="rotate", rotate_every="10s")
        for turn in (0, 1, 2, 0):
            before = self.accepted()[turn]
            wait_for(f"the turn of {turn}", lambda: self.accepted()[turn] > before + 2, 30)
        self.assertEqual([], sum((pool.rejected for pool in self.fake), []))
        self.nobody_saw_anothers_credentials()

    def test_balance_gives_the_same_work_to_pools_of_different_difficulty(self):
        upstreams = self.pools(3)
        self.fake[1].difficulty = 8e-4
        program = self.start(upstreams, strategy="balance")
        wait_for("work everywhere", lambda: min(self.accepted()) > 2, 40)
        wait_for("equal parts", lambda: max(self.work()) - min(self.work()) < 0.12, 60)
        self.assertEqual("pools 0 1 2 by balance", program.get("/api/status")["source"])
        wait_for("all in use", lambda: self.active(program) == [0, 1, 2], 20)
        self.assertEqual([], sum((pool.rejected for pool in self.fake), []))  # no nonce was tried twice
        self.nobody_saw_anothers_credentials()

    def test_quotas_are_kept_and_may_be_changed(self):
        upstreams = self.pools(2)
        upstreams[0]["quota"], upstreams[1]["quota"] = 3, 1
        program = self.start(upstreams, strategy="quota")
        wait_for("three to one", lambda: min(self.accepted()) > 5 and abs(self.work()[0] - 0.75) < 0.07, 60)
        program.cli("pools", "quota", "0", "1", "--config", str(program.config))
        since = self.accepted()
        wait_for("one to one", lambda: sum(self.accepted()) > sum(since) + 60 and
                 abs(self.work(since)[0] - 0.5) < 0.12, 60)

    def test_a_pool_that_dies_leaves_its_part_to_the_others(self):
        self.start(self.pools(2), strategy="balance")
        wait_for("work everywhere", lambda: min(self.accepted()) > 2, 40)
        self.fake[0].mode = "refuse"
        self.fake[0].drop_all(reset=True)
        time.sleep(1)
        before = self.accepted()[1]
        wait_for("work goes on at 1", lambda: self.accepted()[1] > before + 10, 20)

    def test_quota_zero_is_a_spare(self):
        upstreams = self.pools(2)
        upstreams[1]["quota"] = 0
        self.start(upstreams, strategy="quota")
        wait_for("work at 0", lambda: self.accepted()[0] > 20)
        self.assertEqual(0, self.accepted()[1])
        self.fake[0].mode = "refuse"
        self.fake[0].drop_all()
        wait_for("work at the spare", lambda: self.accepted()[1] > 2, 30)

    def test_strategy_is_changed_at_run_time(self):
        program = self.start(self.pools(2))
        wait_for("work at 0", lambda: self.accepted()[0] > 2)
        self.assertEqual("failover", program.get("/api/pools")["strategy"])
        status, answer = program.post("/api/pools/strategy", {"strategy": "balance"})
        self.assertEqual((200, "the strategy is balance"), (status, answer["data"]["message"]))
        wait_for("work at 1 too", lambda: self.accepted()[1] > 2, 30)
        self.assertEqual(400, program.post("/api/pools/strategy", {"strategy": "best"})[0])
        self.assertEqual(404, program.post("/api/pools/7/switch")[0])
        program.cli("pools", "strategy", "failover", "--config", str(program.config))
        wait_for("only 0", lambda: self.active(program) == [0], 15)

    def test_drill_goes_elsewhere_and_comes_back(self):
        program = self.start(self.pools(2))
        wait_for("work at 0", lambda: self.accepted()[0] > 2)
        print(program.cli("pools", "drill", "8", "--config", str(program.config)).stdout)
        wait_for("work at 1", lambda: self.accepted()[1] > 2, 10)
        self.assertEqual(400, program.post("/api/pools/drill", {"seconds": "x"})[0])
        drill = wait_for("the end", lambda: (lambda d: d["state"] != "running" and d)(program.get("/api/pools")["drill"]), 20)
        self.assertEqual(("passed", 0, 1), (drill["state"], drill["from"], drill["to"]))
        self.assertLess(drill["took_ms"], 8000)
        self.assertGreater(drill["share_ms"], 0)
        wait_for("back at 0", lambda: self.active(program) == [0], 10)
        self.assertEqual(1, self.fake[0].connections)  # its connection was kept
        self.assertRegex(program.request("GET", "/metrics", port="metrics")[1], r"(?m)^otedama_pool_drill_success 1$")

    def test_drill_without_a_backup_keeps_mining_and_fails(self):
        upstreams = self.pools(2)
        self.fake[1].mode = "refuse"
        program = self.start(upstreams)
        wait_for("work at 0", lambda: self.accepted()[0] > 2)
        self.assertEqual(200, program.post("/api/pools/drill", {"seconds": 5})[0])
        before = self.accepted()[0]
        drill = wait_for("the end", lambda: (lambda d: d["state"] != "running" and d)(program.get("/api/pools")["drill"]), 20)
        self.assertEqual(("failed", None), (drill["state"], drill["to"]))
        self.assertGreater(self.accepted()[0], before)
        self.assertTrue([w for w in program.get("/api/status")["warnings"] if "drill" in w])

    def test_shares_found_while_reconnecting_are_sent_to_the_same_session(self):
        program = self.start(self.pools(1, resumes=True))
        wait_for("work", lambda: self.accepted()[0] > 5)
        self.fake[0].mode = "refuse"
        self.fake[0].drop_all()
        wait_for("shares that wait", lambda: program.get("/api/pools")["pools"][0]["waiting_for_session"] > 2, 15)
        self.assertEqual("mining", program.get("/api/status")["state"])  # on the last job
        before = self.accepted()[0]
        self.fake[0].mode = "serve"
        wait_for("the session", lambda: self.fake[0].resumed, 20)
        wait_for("what waited", lambda: self.accepted()[0] > before + 2)
        pool = wait_for("its telling", lambda: (lambda p: p["sessions_resumed"] and p)(
            program.get("/api/pools")["pools"][0]))
        self.assertEqual((1, 0, 0), (pool["sessions_resumed"], pool["waiting_for_session"], pool["shares"]["lost"]))
        self.assertEqual([], self.fake[0].rejected)  # none twice, none for another session

    def test_shares_for_a_session_that_is_gone_are_lost_and_counted(self):
        program = self.start(self.pools(1))
        wait_for("work", lambda: self.accepted()[0] > 5)
        self.fake[0].mode = "refuse"
        self.fake[0].drop_all()
        wait_for("shares that wait", lambda: program.get("/api/pools")["pools"][0]["waiting_for_session"] > 2, 15)
        self.fake[0].mode = "serve"
        wait_for("lost ones", lambda: program.get("/api/pools")["pools"][0]["shares"]["lost"] > 2, 20)
        before = self.accepted()[0]
        wait_for("work in the new session", lambda: self.accepted()[0] > before + 2)
        self.assertEqual([], self.fake[0].rejected)
        shares = program.get("/api/status")["shares"]
        self.assertEqual(shares["found"], sum(shares[k] for k in ("accepted", "rejected", "stale", "unanswered", "lost",
                                                                  "unacknowledged")))

    def test_a_pool_cannot_send_our_user_to_another_pool(self):
        program = self.start(self.pools(2), allow_reconnect="any", strategy="balance")
        wait_for("work", lambda: min(self.accepted()) > 2, 40)
        for host in "127.0.0.1", "localhost":  # by the name in the configuration, and by another one
            before = self.fake[1].connections
            for client in list(self.fake[0].clients):
                self.fake[0]._send(client, {"id": None, "method": "client.reconnect",
                                            "params": [host, self.fake[1].port]})
            if host == "localhost":
                wait_for("the attempt", lambda: self.fake[1].connections > before)
            time.sleep(2)
            self.nobody_saw_anothers_credentials()
        self.assertIn("it is the address of another pool, which has another user", program.text())
        self.assertIn("it sends us to another pool, which has another user", program.text())

    def test_effective_rate_and_its_band(self):
        program = self.start(self.pools(1))
        self.assertIsNone(program.get("/api/status")["effective"])
        rate = wait_for("shares", lambda: (lambda e: e and e["shares"] > 30 and e)(program.get("/api/status")["effective"]), 40)
        self.assertLess(rate["low_hs"], rate["hashrate_hs"])
        self.assertLess(rate["hashrate_hs"], rate["high_hs"])
        text = program.cli("status", "--config", str(program.config)).stdout
        self.assertRegex(text, r"effective +[\d.]+ [kMG]H/s \(")

    def test_rejects_are_listed(self):
        self.pools(1)
        self.fake[0].mode = "reject"
        program = self.start([{"url": self.fake[0].url, "user": "u", "pass": "x"}])
        page = wait_for("rejects", lambda: (lambda p: p["total"] > 3 and p)(program.get("/api/rejects?limit=2")), 30)
        self.assertEqual(2, len(page["rejects"]))
        row = page["rejects"][0]
        self.assertEqual((0, "cpu0", "sha256d", "low_difficulty", "low difficulty"),
                         (row["pool"], row["device"], row["algorithm"], row["kind"], row["reason"]))
        self.assertAlmostEqual(2e-4, row["difficulty"], 6)
        self.assertIn("low difficulty", program.cli("pools", "rejects", "--config", str(program.config)).stdout)
        self.assertEqual(0, program.get("/api/rejects?device=gpu9")["total"])
        json.loads(program.cli("pools", "--json", "--config", str(program.config)).stdout)

    def test_counters_are_split_by_algorithm(self):
        program = Program().start()
        self.addCleanup(program.close)
        wait_for("shares", lambda: program.get("/api/status")["shares"]["accepted"] > 0, 60)
        program.cli("algorithm", "scrypt", "--config", str(program.config))
        rows = wait_for("shares of both", lambda: (lambda r: len(r) > 1 and r)(
            program.get("/api/status")["shares_by_algorithm"]), 90)
        self.assertEqual(["scrypt", "sha256d"], sorted(row["algorithm"] for row in rows))
        answer = program.cli("pools", "drill", "--config", str(program.config), check=False)
        self.assertIn("no pool is in use", answer.stdout + answer.stderr)


if __name__ == "__main__":
    unittest.main()
