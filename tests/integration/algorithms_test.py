"""Every algorithm of the program mines devnet blocks for the own pool: real engines, light datasets."""
import json
import re
import time
import unittest

from support.program import Program, wait_for

ALGORITHMS = ("sha256d", "scrypt", "randomx", "ethash", "etchash", "kawpow")
TAKEN = ("immature", "mature")


def taken(program):
    """Heights of the blocks that the chain has taken."""
    return sorted(b["height"] for b in program.get("/api/pool/blocks")["blocks"] if b["state"] in TAKEN)


class Algorithms(unittest.TestCase):
    def start(self, algorithm, folder=None):
        program = Program({"mining": {"algorithm": algorithm, "dataset": {"mode": "light", "keep": False}},
                           "pool": {"devnet": {"block_interval": "5s"}}}, folder)
        self.addCleanup(program.close)
        return program.start()

    def mine(self, algorithm, folder=None, above=0):
        """Mines until the chain has taken a block above that height; returns the program, ended."""
        begin = time.monotonic()
        program = self.start(algorithm, folder)
        wait_for(f"a block of {algorithm} above {above} is taken",
                 lambda: (taken(program) or [0])[-1] > above, 60)
        seconds = time.monotonic() - begin
        shares = program.get("/api/status")["shares"]
        self.assertEqual((shares["rejected"], shares["hardware_errors"]), (0, 0), program.text())
        self.assertNotIn("was rejected", program.text())
        self.assertEqual(program.stop()[0], 0)
        program.cli("ledger", "check", "--config", str(program.config))
        listed = json.loads(program.cli("blocks", "--json", "--config", str(program.config)).stdout)
        program.height = max(b["height"] for b in listed if b["chain"].endswith(algorithm))
        print(f"     {algorithm}: a block in {seconds:.1f} s")
        return program

    def test_each_algorithm_of_the_program_is_tried_here(self):
        program = Program({"mining": {"algorithm": "none-such"}})
        self.addCleanup(program.close)
        program.start(wait=False)
        program.process.wait(20)
        named = re.search(r"must be (.+)$", program.text(), re.M)[1]
        self.assertEqual(set(re.findall(r"[a-z0-9]+", named)) - {"or"}, set(ALGORITHMS))

    def test_chain_of_sealed_headers_goes_on_after_a_restart(self):
        first = self.mine("ethash")
        second = self.mine("ethash", first.folder, first.height)
        self.assertGreater(second.height, first.height)

    def test_algorithms_share_a_data_folder(self):
        first = self.mine("scrypt")
        self.mine("kawpow", first.folder)
        self.mine("scrypt", first.folder, first.height)


def mines(algorithm):
    return lambda self: self.mine(algorithm)


for name in ALGORITHMS:
    setattr(Algorithms, f"test_{name}_blocks_are_mined_and_taken", mines(name))
