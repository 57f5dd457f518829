"""Algorithms change at run time: one program, every algorithm it knows, no restart."""
import re
import time
import unittest

from support.program import Program, wait_for


def line(program, device=None):
    """The line of a device, None: the default one."""
    for row in program.get("/api/status")["lines"]:
        if row["device"] == device:
            return row
    return None


def hashes_of(page, device, algorithm):
    found = re.search(rf'(?m)^otedama_hashes_total\{{device="{device}",algo="{algorithm}"\}} (\S+)', page)
    return float(found.group(1)) if found else 0


class Switch(unittest.TestCase):
    def start(self, settings=None, env=None):
        program = Program(settings)
        self.addCleanup(program.close)
        return program.start(env=env)

    def accepted(self, program):
        return program.get("/api/status")["shares"]["accepted"]

    def test_one_run_does_every_algorithm(self):
        """Shares of each are accepted, and the time without hashing is told."""
        program = self.start({"mining": {"dataset": {"mode": "light"}}})
        wait_for("accepted shares of the first", lambda: self.accepted(program) > 0, 60)
        names = [row["name"] for row in program.get("/api/algorithms")["algorithms"]]
        self.assertIn("scrypt", names)
        for name in names[1:] + names[:1]:
            begin = time.monotonic()
            status, answer = program.post("/api/mining/algorithm", {"algorithm": name})
            self.assertEqual(status, 200, answer)
            # on trial until a share of it is accepted
            wait_for(f"{name} proven", lambda: (line(program)["algorithm"], line(program)["change"]["stage"]) ==
                     (name, "none"), 150)
            gap = wait_for("the gap", lambda: line(program)["change"]["gap_ms"], 20)
            print(f"{name}: proven after {time.monotonic() - begin:.1f} s, {gap:.1f} ms without hashing")
            self.assertLess(gap, 5000)
            wait_for("the log says so",
                     lambda: re.search(rf"switched to {name}: \S+ ms without hashing", program.text()), 20)
        self.assertEqual(program.get("/api/status")["shares"]["rejected"], 0)
        page = program.request("GET", "/metrics", port="metrics")[1]
        for name in names:
            self.assertGreater(hashes_of(page, "cpu0", name), 0, name)
        self.assertEqual(len(re.findall(r"(?m)^otedama_algorithm_switches_total\{.*command", page)), len(names))
        code, seconds = program.stop()
        self.assertEqual(code, 0, program.text())
        self.assertLess(seconds, 5)

    def test_two_devices_do_two_algorithms(self):
        program = self.start(env={"OTEDAMA_SIM": "1"})
        wait_for("hashing", lambda: self.accepted(program) > 0, 60)
        done = program.cli("algorithm", "scrypt", "sim0", "--config", str(program.config))
        self.assertIn("scrypt", done.stdout)
        wait_for("the line of sim0", lambda: (line(program, "sim0") or {}).get("algorithm") == "scrypt")
        self.assertEqual(line(program)["algorithm"], "sha256d")
        wait_for("both hash", lambda: all(row["hashrate_hs"] for row in program.get("/api/status")["lines"]))
        rows = {row["id"]: row for row in program.get("/api/devices")["devices"]}
        self.assertEqual((rows["cpu0"]["algorithm"], rows["sim0"]["algorithm"]), ("sha256d", "scrypt"))
        self.assertEqual(rows["sim0"]["own_algorithm"], "scrypt")

    def test_refusals_name_what_there_is(self):
        program = self.start()
        status, answer = program.post("/api/mining/algorithm", {"algorithm": "nonsense"})
        self.assertGreaterEqual(status, 400)
        self.assertIn("scrypt", str(answer))
        self.assertEqual(program.post("/api/mining/algorithm", {"algorithm": "a b"})[0], 400)
        self.assertEqual(program.post("/api/mining/algorithm", {})[0], 400)
        done = program.cli("algorithm", "scrypt", "gpu7", "--config", str(program.config), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cpu0", done.stderr)

    def test_a_dataset_larger_than_the_memory_allowed_is_named(self):
        program = self.start({"mining": {"dataset": {"mode": "full", "memory": "64MB"}}})
        wait_for("hashing", lambda: self.accepted(program) > 0, 60)
        program.post("/api/mining/algorithm", {"algorithm": "randomx"})
        note = wait_for("the reason", lambda: line(program)["change"]["note"], 30)
        self.assertRegex(note, r"GiB are needed, \S+ GiB are free")
        self.assertEqual(line(program)["algorithm"], "sha256d")

    def test_nothing_accepted_leads_back(self):
        """The share difficulty is out of reach for scrypt here."""
        program = self.start({"mining": {"switch": {"return_after": "3s"}}, "pool": {"difficulty": {"min": 200, "start": 200}}})
        wait_for("hashing", lambda: (program.get("/api/status")["hashrate_hs"]["10s"] or 0) > 0)
        program.post("/api/mining/algorithm", {"algorithm": "scrypt"})
        wait_for("scrypt", lambda: line(program)["algorithm"] == "scrypt")
        note = wait_for("the return", lambda: line(program)["change"]["note"], 120)
        self.assertIn("no share was accepted", note)
        wait_for("sha256d", lambda: line(program)["algorithm"] == "sha256d")


if __name__ == "__main__":
    unittest.main()
