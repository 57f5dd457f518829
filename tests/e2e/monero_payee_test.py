# SPDX-License-Identifier: MIT
"""Whom the real monerod's templates pay, for a real wallet: with its view key they are mined when they pay it, and
refused when somebody between the pool and the daemon asks for templates of another wallet."""
import http.client
import http.server
import json
import shutil
import threading
import unittest

from e2e.daemons import Monerod, MoneroWallet
from support.program import Program, wait_for

THIEF = "46BBWtWYUM3UYhhazm7bTUTA42GhCZDPhgfiDGvVGzghf3iBYfdpU6DijNCG5YDNaGRBjqrFqYXUe99KgGYpTCeTR5LP1yG"


class Relay(http.server.ThreadingHTTPServer):
    """Passes calls on to a daemon; while `payout` is set, templates are asked for with that address."""

    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), RelayHandler)
        self.daemon_port, self.payout = port, None
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class RelayHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.payout and call["method"] == "get_block_template":
            call["params"]["wallet_address"] = self.server.payout
        connection = http.client.HTTPConnection("127.0.0.1", self.server.daemon_port, timeout=30)
        try:
            connection.request("POST", self.path, json.dumps(call), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@unittest.skipUnless(shutil.which("monerod") and shutil.which("monero-wallet-rpc"),
                     "monerod is not installed (Debian package monero)")
class PayeeOfMonero(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Monerod(difficulty=1, login=False)
        cls.addClassCleanup(cls.daemon.stop)
        cls.daemon.start()
        cls.wallet = MoneroWallet(cls.daemon)
        cls.addClassCleanup(cls.wallet.stop)
        cls.wallet.start()
        cls.address = cls.wallet.address()
        cls.view_key = cls.wallet.call("query_key", key_type="view_key")["key"]
        cls.relay = Relay(cls.daemon.port)
        cls.addClassCleanup(cls.relay.server_close)
        cls.addClassCleanup(cls.relay.shutdown)

    def setUp(self):
        self.relay.payout = None

    def program(self, **pool):
        program = Program({
            "mining": {"algorithm": "randomx", "autostart": False, "dataset": {"mode": "light"}},
            "pool": {"enable": True, "coin": "monero", "network": "regtest", "payout_address": self.address,
                     "difficulty": {"start": 1, "min": 1}, "daemons": [{"url": self.relay.url}], **pool},
        })
        self.addCleanup(program.close)
        return program

    def node(self, program):
        return program.get("/api/pool/info")["nodes"][0]

    def mine_one(self, program):
        before = self.daemon.height()
        program.post("/api/mining/start")
        try:
            wait_for("a block", lambda: self.daemon.height() > before, 120, 0.2)
        finally:
            program.post("/api/mining/stop")

    def test_templates_that_pay_the_wallet_are_mined_and_others_are_not(self):
        program = self.program()
        key = program.folder / "view-key"  # a secret in a file of its own
        key.write_text(self.view_key + "\n")
        program.settings["pool"]["view_key_file"] = str(key)
        program.write_config()
        program.start()
        wait_for("a template", lambda: program.get("/api/pool/info")["height"], 60)
        self.mine_one(program)
        self.wallet.call("refresh")
        self.assertGreater(self.wallet.call("get_balance", account_index=0)["balance"], 0)
        self.assertNotIn("whom the blocks", program.text())

        self.relay.payout = THIEF
        self.daemon.call("generateblocks", amount_of_blocks=1, wallet_address=self.address)
        wait_for("the theft is seen", lambda: "it pays somebody else" in (self.node(program)["error"] or ""), 60)
        self.assertFalse(self.node(program)["up"])
        self.assertIn("it pays somebody else", program.text())
        self.assertNotIn(self.view_key, program.text())

        self.relay.payout = None
        wait_for("it is trusted again", lambda: self.node(program)["up"], 60)
        self.mine_one(program)

    def test_without_the_key_it_is_said_to_be_unknown(self):
        program = self.program().start()
        wait_for("a template", lambda: program.get("/api/pool/info")["height"], 60)
        self.assertEqual(program.text().count("whom the blocks of the Monero daemon pay is not known"), 1)

    def ends_with(self, text, **pool):
        program = self.program(**pool).start(wait=False)
        self.assertEqual(program.process.wait(30), 1)
        self.assertIn(text, program.text())

    def test_a_key_of_another_wallet_is_an_error(self):
        self.ends_with("is not that of the wallet of pool.payout_address", view_key="01" + 31 * "00")

    def test_a_subaddress_is_refused(self):
        subaddress = self.wallet.call("create_address", account_index=0)["address"]
        self.ends_with("a block cannot pay a subaddress", payout_address=subaddress, view_key=self.view_key)


if __name__ == "__main__":
    unittest.main()
