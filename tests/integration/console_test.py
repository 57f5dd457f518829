"""The console in a real terminal (tmux)."""
import json
import re
import time
import unittest
import urllib.request

from support.program import BINARY, Program, wait_for
from support.terminal import Terminal


class Console(unittest.TestCase):
    def open(self, width, height, env=None):
        self.program = Program()
        self.addCleanup(self.program.close)
        terminal = Terminal(width, height, [str(BINARY), "--config", str(self.program.config)], env)
        self.addCleanup(terminal.close)
        return terminal

    def status(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.program.port['api']}/api/status", timeout=3) as r:
                return json.load(r)["data"]
        except OSError:
            return None

    def accepted(self):
        status = self.status()
        return status and status["shares"]["accepted"] > 0

    def check_overview(self, width, height):
        terminal = self.open(width, height)
        terminal.wait("otedama")
        wait_for("accepted shares", self.accepted, 60)
        terminal.wait("cpu0")
        screen = terminal.wait("H/s")
        lines = screen.splitlines()
        self.assertLessEqual(max(map(len, lines)), width)
        self.assertRegex(screen, r"A\s*:?\s*\d|accepted\s+\d")
        return terminal

    def test_overview_at_80x24(self):
        self.check_overview(80, 24)

    def test_overview_at_140x45(self):
        self.check_overview(140, 45)

    def test_an_upgrade_gives_the_terminal_to_the_next_program(self):
        terminal = self.open(80, 24)
        wait_for("the API", self.status, 20)
        terminal.wait("otedama")
        time.sleep(3)
        self.assertIn("goes on", self.program.cli("upgrade", "--config", str(self.program.config)).stdout)
        wait_for("accepted shares of the next one", self.accepted, 60)
        terminal.keys("6")
        terminal.wait("Workers")
        self.assertFalse(terminal.ended())

    def test_pool_mode_key_toggles_while_hashing_goes_on(self):
        terminal = self.open(80, 24)
        wait_for("accepted shares", self.accepted, 60)
        self.assertEqual(self.status()["source"], "local pool")
        hashes = self.status()["hashes"]
        terminal.keys("O")
        terminal.wait("pool", 5)
        wait_for("the dialog takes the answer", lambda: (terminal.keys("y"), self.status()["source"] == "solo")[1], 10)
        wait_for("hashing goes on", lambda: self.status()["hashes"] > hashes + 1e6)
        wait_for("back on", lambda: (terminal.keys("O"), terminal.keys("y"),
                                     self.status()["source"] == "local pool")[2], 15, 0.6)

    def test_every_screen_opens_and_help_lists_keys(self):
        terminal = self.open(100, 30)
        terminal.wait("cpu0")
        for key, word in (("2", "cpu0"), ("3", "pool"), ("6", "devnet"), ("8", "log"), ("?", "Help")):
            terminal.keys(key)
            wait_for(f"screen {key}", lambda w=word: re.search(w, terminal.screen(), re.I), 5)

    def test_any_size_draws_and_the_program_lives(self):
        terminal = self.open(80, 24)
        terminal.wait("cpu0")
        for width, height in ((20, 5), (40, 8), (3, 2), (200, 60), (80, 24)):
            terminal.resize(width, height)
        terminal.wait("cpu0")
        self.assertFalse(terminal.ended())

    def test_quit_asks_and_ends(self):
        terminal = self.open(80, 24)
        terminal.wait("cpu0")
        terminal.keys("Q")
        terminal.wait("stop", 5)
        wait_for("the end", lambda: (terminal.keys("s"), terminal.ended())[1], 10, 0.5)


if __name__ == "__main__":
    unittest.main()
