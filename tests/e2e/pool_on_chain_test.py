# SPDX-License-Identifier: MIT
"""The whole job on real chains: Otedama's pool on a daemon's template, Otedama's miner as its client over
TCP; the daemon accepts the blocks, the ledger has their exact amounts, and kill -9 loses none."""
import contextlib
import hashlib
import json
import shutil
import sqlite3
import time
import unittest

from e2e.daemons import Bcoin, Litecoind
from support.program import Program, wait_for

FEE = 0.01
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(payload):
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def test_address(seed):
    """A pay-to-public-key-hash address of the test networks that nobody has the key of."""
    return base58check(b"\x6f" + hashlib.sha256(seed.encode()).digest()[:20])


class OnChain:
    """What is the same for every daemon; sub-classes name coin and algorithm."""

    def setUp(self):
        self.daemon = self.make_daemon()
        self.addCleanup(self.daemon.stop)
        self.payout, self.worker = self.addresses()
        self.pool = Program({
            "mining": {"algorithm": self.algorithm, "autostart": False, "enable_cpu": False},
            "pool": {"enable": True, "coin": self.coin, "network": "regtest", "payout_address": self.payout,
                     "fee_percentage": 100 * FEE, "rewards": {"system": "PPLNS"},
                     "difficulty": {"start": self.difficulty, "min": self.difficulty},
                     "daemons": [{"url": self.daemon.url, "user": self.daemon.user, "pass": self.daemon.password}]},
        })
        self.addCleanup(self.pool.close)
        self.pool.start()
        wait_for("a template", lambda: self.pool.get("/api/pool/info")["height"], 30)
        self.miner = Program({
            "mining": {"algorithm": self.algorithm, "autostart": False},
            "pool": {"enable": False},
            "upstreams": [{"url": f"stratum+tcp://127.0.0.1:{self.pool.port['stratum']}",
                           "user": f"{self.worker}.rig1", "pass": "x"}],
        })
        self.addCleanup(self.miner.close)
        self.miner.start()

    def mine_to(self, height, timeout=60):
        """Lets the miner work until the chain is at least so high, then stops it."""
        self.miner.post("/api/mining/start")
        try:
            wait_for(f"height {height}", lambda: self.daemon.call("getblockcount") >= height, timeout, 0.02)
        finally:
            self.miner.post("/api/mining/stop")
        time.sleep(1)
        return self.daemon.call("getblockcount")

    def coinbase(self, height):
        """(block hash, atoms of the coinbase) of a block of the daemon's best chain."""
        block_hash = self.daemon.call("getblockhash", height)
        raw = bytes.fromhex(self.daemon.call("getblock", block_hash, 0 if self.verbosity_number else False))
        return block_hash, raw

    def blocks(self):
        return json.loads(self.pool.cli("blocks", "--json", "--config", str(self.pool.config)).stdout)

    def check_ours(self, first, last):
        """Blocks first..last of the chain are in the pool's books, each with the reward it really pays."""
        script = b"\x76\xa9\x14" + hashlib.sha256(b"payout").digest()[:20] + b"\x88\xac"
        known = {b["hash"]: b for b in self.blocks()}
        for height in range(first, last + 1):
            block_hash, raw = self.coinbase(height)
            self.assertIn(block_hash, known, f"height {height} is not in the books")
            self.assertIn(script, raw)
            at = raw.index(script)
            paid = int.from_bytes(raw[at - 9:at - 1], "little")
            self.assertEqual(known[block_hash]["reward"], paid)
        return known

    def check_ledger(self):
        done = self.pool.cli("ledger", "check", "--config", str(self.pool.config))
        self.assertEqual(done.returncode, 0, done.stdout)
        rows = json.loads(self.pool.cli("ledger", "balances", "--json", "--config", str(self.pool.config)).stdout)
        of = {(r["kind"], r["owner"]): r["atoms"] for r in rows}
        rewards = [b["reward"] for b in self.blocks() if b["state"] in ("found", "immature", "mature")]
        fee = sum(r * 100 // 10000 for r in rewards)
        worker = of.get(("immature", f"miner:{self.worker}"), 0) + of.get(("miner", self.worker), 0)
        self.assertEqual(of.get(("immature", "fee:"), 0) + of.get(("fee", ""), 0), fee)
        self.assertEqual(worker, sum(rewards) - fee)

    def test_blocks_are_accepted_and_credited_before_and_after_activation(self):
        start = self.daemon.call("getblockcount")
        before = self.mine_to(start + 3)
        self.check_ours(start + 1, before)
        self.check_ledger()
        print(f"{self.coin}: heights {start + 1}..{before} accepted before activation")
        self.activate()
        tip = self.daemon.call("getblockcount")
        wait_for("a template after it", lambda: self.pool.get("/api/pool/info")["height"] == tip + 1, 40)
        after = self.mine_to(tip + 4)
        self.check_ours(tip + 1, after)
        self.check_active(tip + 1, after)
        self.check_ledger()
        print(f"{self.coin}: heights {tip + 1}..{after} accepted after activation")
        self.assertEqual(self.pool.get("/api/pool/info")["shares"]["reject_reasons"]["low-difficulty"], 0)

    def last_credit(self, seconds):
        """Watches the pool for so long, until it credited something; a time before the last credit seen."""
        end, before, count, ret = time.monotonic() + seconds, None, None, None
        while time.monotonic() < end or ret is None:
            self.assertLess(time.monotonic(), end + 30, "no share is credited")
            now, accepted = time.time(), self.pool.get("/api/pool/info")["shares"]["accepted"]
            if before and accepted > count:
                ret = before
            before, count = now, accepted
            time.sleep(0.05)
        return ret

    def test_kill_9_loses_no_block_and_no_credit_beyond_the_batch(self):
        start = self.daemon.call("getblockcount")
        for round_number in range(3):
            self.miner.post("/api/mining/start")
            credited = self.last_credit(2)
            time.sleep(1)
            self.pool.kill()
            self.miner.post("/api/mining/stop")
            with contextlib.closing(sqlite3.connect(self.pool.folder / "otedama.db")) as books:
                newest = books.execute("SELECT max(last_ms) FROM share").fetchone()[0]
            self.assertGreater(newest, 1000 * (credited - 1), f"round {round_number}: newest credit on disk")
            self.pool.start()
            tip = self.daemon.call("getblockcount")
            self.assertGreater(tip, start)
            wait_for("all blocks seen in the chain again", lambda t=tip: all(
                b["state"] != "found" for b in self.blocks()) and (self.pool.get("/api/pool/info")["height"] or 0) > t, 40)
            self.check_ours(start + 1, tip)
            self.check_ledger()
        print(f"{self.coin}: three kills, heights {start + 1}..{tip} all in the books")


@unittest.skipUnless(shutil.which("litecoind"), "litecoind is not installed")
class OnLitecoin(OnChain, unittest.TestCase):
    coin, algorithm, verbosity_number, difficulty = "litecoin", "scrypt", True, 0.002

    def make_daemon(self):
        return Litecoind().start().ready()

    def addresses(self):
        return test_address("payout"), test_address("worker")

    def activate(self):
        self.daemon.before_mweb()

    def check_active(self, first, last):
        for height in range(first, last + 1):
            block = self.daemon.call("getblock", self.daemon.call("getblockhash", height), 2)
            self.assertGreater(len(block["tx"]), 1, "the HogEx is missing")
        self.assertGreaterEqual(first, Litecoind.mweb_height)

    def test_blocks_mature(self):
        start = self.daemon.call("getblockcount")
        end = self.mine_to(start + 2)
        self.daemon.generate(102)
        wait_for("mature", lambda: all(b["state"] in ("mature", "orphaned") for b in self.blocks()), 60)
        self.check_ours(start + 1, end)
        self.check_ledger()
        wait_for("no immature balance", lambda: int(self.pool.get("/api/pool/info")["balances"]["immature"]["amount"]) == 0)
        self.assertGreater(int(self.pool.get("/api/pool/info")["balances"]["owed"]["amount"]), 0)


@unittest.skipUnless(shutil.which("npm"), "npm is not installed: bcoin comes from its registry")
class OnBcoin(OnChain, unittest.TestCase):
    coin, algorithm, verbosity_number, difficulty = "bitcoin", "sha256d", False, 1e-4

    def make_daemon(self):
        return Bcoin().start()

    def addresses(self):
        return test_address("payout"), test_address("worker")

    def activate(self):
        self.mine_to(Bcoin.segwit_height - 1, 300)

    def check_active(self, first, last):
        self.assertGreaterEqual(first, Bcoin.segwit_height)
        _, raw = self.coinbase(last)
        self.assertEqual(raw[81 + 4:81 + 6], b"\0\1", "the coinbase carries no witness")


if __name__ == "__main__":
    unittest.main()
