# SPDX-License-Identifier: MIT
"""The whole program on Monero's real daemon: its own devices mine the daemon's templates with RandomX, the
daemon accepts the blocks, the books have their exact amounts, and kill -9 loses none."""
import json
import shutil
import time
import unittest

from e2e.daemons import Monerod, MoneroWallet
from support.program import Program, wait_for

# of nobody in particular; regtest takes the addresses of the main network
PAYOUT = "46BBWtWYUM3UYhhazm7bTUTA42GhCZDPhgfiDGvVGzghf3iBYfdpU6DijNCG5YDNaGRBjqrFqYXUe99KgGYpTCeTR5LP1yG"


@unittest.skipUnless(shutil.which("monerod"), "monerod is not installed (Debian package monero)")
class OnMonero(unittest.TestCase):
    def start_daemon(self, **options):
        daemon = Monerod(**options)
        self.addCleanup(daemon.stop)
        return daemon.start()

    def start_program(self, daemon, payout=PAYOUT):
        entry = {"url": daemon.url}
        if daemon.login:
            entry.update(user=daemon.user, **{"pass": daemon.password})
        program = Program({
            "mining": {"algorithm": "randomx", "autostart": False, "dataset": {"mode": "light"}},
            "pool": {"enable": True, "coin": "monero", "network": "regtest", "payout_address": payout,
                     "fee_percentage": 1, "rewards": {"system": "PPLNS"},
                     # every hash that makes a block is reported
                     "difficulty": {"start": 1, "min": 1}, "daemons": [entry]},
        })
        self.addCleanup(program.close)
        program.start()
        wait_for("a template", lambda: program.get("/api/pool/info")["height"], 60)
        return program

    def mine_to(self, program, daemon, height, timeout=120):
        program.post("/api/mining/start")
        try:
            wait_for(f"height {height}", lambda: daemon.height() >= height, timeout, 0.2)
        finally:
            program.post("/api/mining/stop")
        time.sleep(1)
        return daemon.height()

    def blocks(self, program):
        return json.loads(program.cli("blocks", "--json", "--config", str(program.config)).stdout)

    def check_ours(self, program, daemon, first, last):
        """Blocks first..last of the daemon's chain are in the books with the reward that they really pay."""
        known = {b["hash"]: b for b in self.blocks(program)}
        rewards = []
        for height in range(first, last + 1):
            header = daemon.header(height)
            self.assertIn(header["hash"], known, f"height {height} is not in the books")
            self.assertEqual(known[header["hash"]]["height"], height)
            self.assertEqual(known[header["hash"]]["reward"], header["reward"])
            rewards.append(header["reward"])
        return rewards

    def check_ledger(self, program, rewards):
        done = program.cli("ledger", "check", "--config", str(program.config))
        self.assertEqual(done.returncode, 0, done.stdout)
        rows = json.loads(program.cli("ledger", "balances", "--json", "--config", str(program.config)).stdout)
        of = {row["owner"]: row["atoms"] for row in rows if row["kind"] == "immature"}
        of.update({f"miner:{row['owner']}": of.get(f"miner:{row['owner']}", 0) + row["atoms"]
                   for row in rows if row["kind"] == "miner"})
        of["fee:"] += sum(row["atoms"] for row in rows if row["kind"] == "fee")
        fee = sum(r * 100 // 10000 for r in rewards)
        self.assertEqual(of, {"fee:": fee, "miner:local": sum(rewards) - fee})

    def test_our_randomx_mines_blocks_that_the_daemon_accepts(self):
        daemon = self.start_daemon(difficulty=20)
        program = self.start_program(daemon)
        tip = self.mine_to(program, daemon, 4)
        rewards = self.check_ours(program, daemon, 1, tip)
        wait_for("all in the chain", lambda: all(b["state"] == "immature" for b in self.blocks(program)), 30)
        self.check_ledger(program, rewards)
        info = program.get("/api/pool/info")
        self.assertEqual(info["height"], tip + 1)
        self.assertEqual(info["shares"]["reject_reasons"]["low-difficulty"], 0)
        print(f"monero: heights 1..{tip} accepted at difficulty 20")

    def test_kill_9_of_either_side_loses_no_block(self):
        daemon = self.start_daemon(difficulty=4)
        program = self.start_program(daemon)
        for _ in range(2):
            before = daemon.height()
            program.post("/api/mining/start")
            wait_for("more blocks", lambda b=before: daemon.height() >= b + 3, 120, 0.1)
            program.kill()
            program.start()
        tip = daemon.height()
        wait_for("all blocks seen in the chain again", lambda: all(
            b["state"] != "found" for b in self.blocks(program)) and (program.get("/api/pool/info")["height"] or 0) > tip, 60)
        self.check_ledger(program, self.check_ours(program, daemon, 1, tip))
        daemon.kill()
        wait_for("the daemon is missed", lambda: not program.get("/api/pool/info")["nodes"][0]["up"], 60)
        daemon.start()
        after = self.mine_to(program, daemon, tip + 1)
        self.check_ledger(program, self.check_ours(program, daemon, 1, after))
        print(f"monero: three kills, heights 1..{after} all in the books")

    def test_transactions_get_into_blocks_and_the_wallet_is_paid(self):
        daemon = self.start_daemon(difficulty=1, login=False)
        wallet = MoneroWallet(daemon)
        self.addCleanup(wallet.stop)
        wallet.start()
        program = self.start_program(daemon, wallet.address())
        tip = self.mine_to(program, daemon, 75, 200)
        rewards = self.check_ours(program, daemon, 1, tip)
        wallet.call("refresh")
        self.assertEqual(wallet.call("get_balance", account_index=0)["balance"], sum(rewards))
        wait_for("old blocks are mature", lambda: sum(b["state"] == "mature" for b in self.blocks(program)) >= tip - 60, 30)
        for _ in range(2):
            wallet.call("transfer", destinations=[{"amount": 10 ** 10, "address": PAYOUT}])
        wait_for("a template with them", lambda: self.mine_to(program, daemon, daemon.height() + 1) and
                 sum(daemon.header(h)["num_txes"] for h in range(tip + 1, daemon.height() + 1)) == 2, 100)
        self.check_ledger(program, self.check_ours(program, daemon, 1, daemon.height()))
        print(f"monero: {tip} blocks pay the wallet, {daemon.height() - tip} more took its transactions")


if __name__ == "__main__":
    unittest.main()
