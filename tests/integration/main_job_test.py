"""The embedded default: devnet mined by the CPU for the own pool, without a network."""
import json
import re
import socket
import subprocess
import time
import unittest

from support.program import BINARY, ROOT, Program, wait_for


class MainJob(unittest.TestCase):
    def start(self, settings=None):
        program = Program(settings).start()
        self.addCleanup(program.close)
        return program

    def test_default_reaches_accepted_shares_and_blocks(self):
        program = self.start()
        wait_for("accepted shares", lambda: program.get("/api/status")["shares"]["accepted"] > 0, 60)
        wait_for("a devnet block", lambda: program.get("/api/pool/info")["blocks"]["found"] > 0, 90)
        self.assertEqual(program.get("/api/status")["shares"]["rejected"], 0)

    def test_mining_stops_and_starts_by_the_api(self):
        program = self.start()
        wait_for("hashing", lambda: (program.get("/api/status")["hashrate_hs"]["10s"] or 0) > 0)
        self.assertEqual(program.post("/api/mining/stop")[0], 200)
        wait_for("stopped", lambda: program.get("/api/status")["state"] == "stopped")
        time.sleep(0.7)  # the devices' last counts come in
        before = program.get("/api/status")["hashes"]
        time.sleep(1.5)
        self.assertLess(program.get("/api/status")["hashes"] - before, 1e6)
        self.assertEqual(program.post("/api/mining/start")[0], 200)
        wait_for("hashing again", lambda: program.get("/api/status")["hashes"] > before + 1e6)

    def test_pool_mode_toggles_while_hashing_goes_on(self):
        program = self.start()
        wait_for("hashing", lambda: (program.get("/api/status")["hashrate_hs"]["10s"] or 0) > 0)
        for on in (False, True):
            hashes = program.get("/api/status")["hashes"]
            self.assertEqual(program.post("/api/pool/mode", {"enabled": on})[0], 200)
            status = program.get("/api/status")  # at once: the answer comes after the change
            self.assertEqual((status["source"], status["pool_mode"]), ("local pool" if on else "solo", on))
            wait_for("hashing goes on", lambda: program.get("/api/status")["hashes"] > hashes + 1e6)
            with socket.socket() as probe:
                self.assertEqual(probe.connect_ex(("127.0.0.1", program.port["stratum"])) == 0, on)

    def test_sigterm_ends_within_five_seconds(self):
        program = self.start()
        wait_for("hashing", lambda: program.get("/api/status")["hashes"] > 0)
        code, seconds = program.stop()
        self.assertEqual(code, 0, program.text())
        self.assertLess(seconds, 5)

    def test_health_and_metrics_answer(self):
        program = self.start()
        self.assertEqual(program.request("GET", "/health/live", port="health")[0], 200)
        wait_for("ready", lambda: program.request("GET", "/health/ready", port="health")[0] == 200)
        status, page = program.request("GET", "/metrics", port="metrics")
        self.assertEqual(status, 200)
        self.assertRegex(page, r"(?m)^otedama_build_info\{")
        self.assertRegex(page, r"(?m)^otedama_hashes_total\{")

    def test_ledger_adds_up(self):
        program = self.start({"pool": {"fee_percentage": 1.5}})
        wait_for("a devnet block", lambda: program.get("/api/pool/info")["blocks"]["found"] > 0, 90)
        program.stop()
        done = program.cli("ledger", "check", "--config", str(program.config))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_busy_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            program = Program({"api": {"address": f"127.0.0.1:{port}"}})
            self.addCleanup(program.close)
            program.start(wait=False)
            self.assertEqual(program.process.wait(20), 1)
            self.assertIn(f"127.0.0.1:{port}", program.text())
            self.assertIn("api.address", program.text())

    def test_mistyped_key_is_named_with_its_place(self):
        program = Program()
        self.addCleanup(program.close)
        program.config.write_text("mining:\n  algoritm: sha256d\n")
        program.start(wait=False)
        self.assertEqual(program.process.wait(20), 78)
        self.assertRegex(program.text(), r"config\.yaml:2:3: .*algoritm.*did you mean.*algorithm")

    def test_reload_changes_what_it_can_and_refuses_what_is_wrong(self):
        program = self.start()
        program.settings["log"] = {"level": "debug"}
        program.write_config()
        program.process.send_signal(1)
        wait_for("the change is told", lambda: "log.level" in program.text())
        program.config.write_text("mining: [")
        program.process.send_signal(1)
        wait_for("the error is told", lambda: "nothing was changed" in program.text())
        wait_for("mining", lambda: program.get("/api/status")["state"] == "mining")

    def test_status_command_speaks_to_the_program(self):
        program = self.start()
        done = program.cli("status", "--json", "--config", str(program.config))
        self.assertIn("state", json.loads(done.stdout)["data"] if "data" in json.loads(done.stdout)
                      else json.loads(done.stdout))

    def test_bench_prints_one_object_a_line(self):
        for algo in "sha256d", "scrypt":
            done = subprocess.run([str(BINARY), "bench", "--algo", algo, "--sweep", "--threads", "2", "--seconds",
                                   "0.1", "--json"], capture_output=True, text=True, check=True, timeout=60)
            rows = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([("hash", 1), ("hash", 2), ("check", 1)],
                             [(row["figure"], row["threads"]) for row in rows])
            for row in rows:
                self.assertEqual(algo, row["algo"])
                self.assertTrue({"device", "impl", "mode", "height", "dataset", "unit", "seconds", "cpu_seconds", "cpu",
                                 "version"} <= set(row))
                self.assertGreater(row["value"], 0)
                self.assertGreater(row["count"], 0)

    def test_manuals_hold_the_tables_of_this_program(self):
        for page in sorted((ROOT / "man").glob("*.in")):
            text = page.with_suffix("").read_text()
            for what in re.findall(r"^@TABLE (\w+)@$", page.read_text(), re.M):
                table = subprocess.run([str(BINARY), "describe", what], capture_output=True, text=True, check=True)
                self.assertIn(table.stdout, text, f"{page.stem}: run make man")

    def test_selftest_passes(self):
        done = subprocess.run([str(BINARY), "selftest"], capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        told = {line.split(":")[0].split(" ", 1)[1].strip() for line in done.stdout.splitlines() if " " in line}
        for file in ("sha256d", "scrypt", "randomx", "ethash", "kawpow"):
            cases = json.loads((ROOT / f"tests/vectors/{file}.json").read_text())
            for name, found in cases.items():
                numbers = range(len(found)) if isinstance(found, list) else [n for n in found if n.isdigit()]
                for number in numbers:
                    # Etchash's cases stand among those of Ethash
                    lines = {f"{algo} {name} {number}" for algo in (file, "etchash")}
                    self.assertTrue(lines & told, f"selftest has no line for {file} {name} {number}")


if __name__ == "__main__":
    unittest.main()
