# SPDX-License-Identifier: MIT
"""The chain module against real daemons: blocks mined on its templates are accepted by litecoind
before and after MWEB and by bcoin before and after SegWit; daemons die, restart and disagree."""
import pathlib
import re
import subprocess
import threading
import unittest

from e2e.daemons import Bcoin, Litecoind
from support.program import ROOT, wait_for

PROBE = ROOT / "build/release/tests/integration/chain_probe"


class Probe:
    """A running chain_probe: its lines, and the words it understands."""

    def __init__(self, coin, blocks, *daemons):
        """`daemons`: (url, user, password) each; user "cookie" names a file."""
        self.lines = []
        self.process = subprocess.Popen(
            [str(PROBE), coin, "regtest", str(blocks), *[str(w) for d in daemons for w in d]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.seen = 0

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def expect(self, pattern, timeout=30):
        """The first line from here on that matches; lines before it are passed over."""
        def find():
            for at in range(self.seen, len(self.lines)):
                match = re.search(pattern, self.lines[at])
                if match:
                    self.seen = at + 1
                    return match
            return None
        try:
            return wait_for(pattern, find, timeout, 0.02)
        except AssertionError as error:
            raise AssertionError(f"{error}; the probe said:\n" + "\n".join(self.lines[-30:])) from None

    def node_says(self, pattern, timeout=30):
        """Asks for the daemons until a line matches."""
        def ask():
            self.say("nodes")
            try:
                return self.expect(pattern, 0.3)
            except AssertionError:
                return None
        return wait_for(f"a daemon with {pattern}; last: {self.lines[-4:]}", ask, timeout)

    def end(self, timeout=120):
        code = self.process.wait(timeout)
        self.reader.join(10)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(10)
        self.process.stdout.close()
        if not self.process.stdin.closed:
            self.process.stdin.close()


def login(daemon):
    return daemon.url, daemon.user, daemon.password


class Blocks(unittest.TestCase):
    def mine(self, coin, daemon, blocks):
        """Mines and checks that each block is in the daemon's best chain. The probe's "mined" lines."""
        before = daemon.call("getblockcount")
        with Probe(coin, blocks, login(daemon)) as probe:
            code = probe.end()
            self.assertEqual(code, 0, "\n".join(probe.lines[-20:]))
        mined = [line for line in probe.lines if line.startswith("mined")]
        self.assertEqual(len(mined), blocks)
        self.assertEqual(daemon.call("getblockcount"), before + blocks)
        for line in mined:
            height, block = line.split()[1:3]
            self.assertEqual(daemon.call("getblockhash", int(height)), block)
        return mined

    def test_litecoind_takes_blocks_before_at_and_after_mweb(self):
        with Litecoind() as daemon:
            daemon.ready()
            for line in self.mine("litecoin", daemon, 3):
                self.assertIn("mweb=0", line)
            daemon.before_mweb()
            self.assertEqual(daemon.call("getblockcount"), 431)
            first, *rest = self.mine("litecoin", daemon, 4)
            self.assertIn("txs=2", first)  # the peg-in and the HogEx
            for line in (first, *rest):
                self.assertNotIn("mweb=0", line)
            self.assertEqual(daemon.call("getrawmempool"), [])
            # ordinary and MWEB payments together
            for _ in range(7):
                daemon.call("sendtoaddress", daemon.call("getnewaddress"), 0.1)
            daemon.call("sendtoaddress", daemon.call("getnewaddress", "", "mweb"), 0.1)
            # the daemon keeps a template for 5 s while its tip is the same
            wait_for("the payments in the template", lambda: len(daemon.template()["transactions"]) >= 8)
            line = self.mine("litecoin", daemon, 1)[0]
            self.assertGreaterEqual(int(re.search(r"txs=(\d+)", line)[1]), 8)  # 7 and the HogEx
            self.assertEqual(daemon.call("getrawmempool"), [])

    def test_bcoin_takes_blocks_before_and_after_segwit(self):
        with Bcoin() as daemon:
            mined = self.mine("bitcoin", daemon, 440)
            for line in mined:
                after = int(line.split()[1]) >= Bcoin.segwit_height
                self.assertIn(f"witness={int(after)}", line)

    def test_a_new_tip_arrives_by_long_poll(self):
        with Bcoin() as daemon, Probe("bitcoin", 0, login(daemon)) as probe:
            probe.expect("template 1 new_tip=1")
            probe.say("block")
            probe.expect('submit accepted "accepted"')
            probe.expect("template 2 new_tip=1")
            with Probe("bitcoin", 1, login(daemon)) as other:  # another miner finds a block
                self.assertEqual(other.end(), 0)
            probe.expect("template 3 new_tip=1")


class Health(unittest.TestCase):
    def test_a_daemon_without_peers_and_blocks_is_named_and_its_cure_noticed(self):
        with Litecoind(peer=False) as daemon, Probe("litecoin", 0, login(daemon)) as probe:
            probe.node_says("up=0 .*no peers")
            daemon.add_peer()
            probe.node_says("up=0 .*downloading the chain")
            daemon.ready()
            probe.expect("template 2 new_tip=1")
            probe.node_says('up=1 active=1 height=1 error=""')

    def test_a_daemon_of_another_coin_is_refused(self):
        with Litecoind() as daemon:
            daemon.ready()
            with Probe("bitcoin", 0, login(daemon)) as probe:
                probe.node_says("up=0 .*not on the regtest network of bitcoin")
                self.assertFalse([line for line in probe.lines if line.startswith("template")])

    def test_a_wrong_password_is_named_and_not_shown(self):
        with Litecoind() as daemon, Probe("litecoin", 0, (daemon.url, "user", "hunter2")) as probe:
            probe.node_says("up=0 .*credentials")
            self.assertFalse([line for line in probe.lines if "hunter2" in line])

    def test_a_restart_with_a_new_cookie_is_survived(self):
        with Litecoind(cookie=True) as daemon:
            daemon.ready()
            with Probe("litecoin", 0, (daemon.url, "cookie", daemon.cookie_file)) as probe:
                probe.expect("template 2 new_tip=1")
                old = daemon.cookie_file.read_text()
                daemon.kill()
                probe.node_says("up=0 ")
                pathlib.Path(daemon.cookie_file).unlink(missing_ok=True)
                daemon.start()
                self.assertNotEqual(daemon.cookie_file.read_text(), old)
                daemon.ready()
                probe.expect("template . new_tip=1")  # the killed one may have lost its newest block
                probe.say("block")
                probe.expect('submit accepted "accepted"')


class Failover(unittest.TestCase):
    def test_the_other_daemon_takes_over_and_blocks_reach_both(self):
        with Litecoind(peer=False) as first, Litecoind(peer=False, connect=first.p2p_port) as second:
            wait_for("a connection", lambda: first.call("getconnectioncount"))
            first.ready()
            wait_for("the same tip", lambda: second.call("getblockcount") == 1)
            second.ready()
            wait_for("the same tip", lambda: first.call("getblockcount") == 2)
            with Probe("litecoin", 0, login(first), login(second)) as probe:
                probe.node_says(rf"node 127.0.0.1:{second.port} up=1")
                probe.expect("template 3") if not any("template 3" in line for line in probe.lines) else None
                probe.say("block")
                probe.expect('submit accepted "(accepted|duplicate)"')
                wait_for("the block at both", lambda: second.call("getblockcount") == 3)
                first.kill()
                probe.node_says(rf"node 127.0.0.1:{second.port} up=1 active=1", 60)
                second.add_peer()  # a daemon without a peer gives no templates
                probe.say("block")
                probe.expect('submit accepted "accepted"')
                self.assertEqual(second.call("getblockcount"), 4)


if __name__ == "__main__":
    unittest.main()
