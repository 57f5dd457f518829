# SPDX-License-Identifier: MIT
"""Our client with a Stratum server that others wrote: stratum-pool-sha256 of the npm registry, of the node-stratum-pool
family. It checks each share itself, from coinbase to difficulty. Its coin daemon is a small one here that gives templates
whose blocks nobody finds: the package's own way of a found block makes another block than the one that was found."""
import http.server
import json
import shutil
import subprocess
import threading
import time
import unittest

from support.program import ROOT, Program, free_port, wait_for

FOLDER = ROOT / "build/stratum-pool"
PACKAGE = {"name": "otedama-e2e", "private": True, "dependencies": {"stratum-pool-sha256": "2.1.3"}}
SERVER = """
const [, , port, rpc, difficulty] = process.argv;
const pool = require('stratum-pool-sha256').createPool({
  coin: {name: 'Test', symbol: 'TST', algorithm: 'sha256', asicboost: false, reward: 'POW'},
  address: 'unused', rewardRecipients: {}, blockRefreshInterval: 200, connectionTimeout: 600,
  jobRebroadcastTimeout: 60, tcpProxyProtocol: false, banning: {enabled: false},
  ports: {[port]: {diff: +difficulty}},
  daemons: [{host: '127.0.0.1', port: +rpc, user: 'u', password: 'p'}],
}, (ip, localPort, worker, password, done) => done({error: null, authorized: true, disconnect: false}));
pool.on('share', (valid, block, data) => process.stdout.write('SHARE ' + JSON.stringify(
  {valid, error: data.error || null, height: data.height, worker: data.worker, difficulty: data.shareDiff}) + '\\n'));
pool.on('log', (level, text) => { if (level === 'error' || level === 'warning') console.log(level, text); });
pool.start();
"""


def install():
    """Into build/stratum-pool, from the npm registry, once. Why it is not there, or None."""
    if (FOLDER / "node_modules/stratum-pool-sha256/lib/index.js").exists():
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text(json.dumps(PACKAGE))
    try:
        done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FOLDER,
                              capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "npm did not bring stratum-pool-sha256 within 300 s"
    return f"npm cannot bring stratum-pool-sha256: {done.stderr.strip()[-200:]}" if done.returncode else None


class Daemon:
    """The calls that the package makes of a coin daemon. `height` moves on when the test says so."""

    SCRIPT = "76a914" + "00" * 20 + "88ac"

    def __init__(self):
        self.height = 1000
        daemon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = [daemon.answer(a) for a in asked] if isinstance(asked, list) else daemon.answer(asked)
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def template(self):
        return {"version": 0x20000000, "previousblockhash": f"{self.height:064x}", "transactions": [],
                "coinbaseaux": {"flags": ""}, "coinbasevalue": 5_000_000_000, "target": "00000000ffff" + "0" * 52,
                "mintime": 0, "curtime": int(time.time()), "bits": "1d00ffff", "height": self.height}

    def answer(self, call):
        known = {
            "validateaddress": {"isvalid": True, "address": "unused", "scriptPubKey": self.SCRIPT},
            "getdifficulty": 1.0, "getmininginfo": {"networkhashps": 1}, "getinfo": {"connections": 1},
            "getblockchaininfo": {"chain": "regtest", "difficulty": 1.0, "blocks": self.height - 1},
            "getnetworkinfo": {"connections": 1, "protocolversion": 70016}, "getpeerinfo": [{"startingheight": 1}],
        }
        method, result, error = call["method"], None, None
        if method == "submitblock":
            error = {"code": -1, "message": "submitblock \"hexdata\""}
        elif method == "getblocktemplate":
            result = self.template()
        else:
            result = known.get(method)
            error = None if method in known else {"code": -32601, "message": "Method not found"}
        return {"id": call.get("id"), "result": result, "error": error}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(shutil.which("npm"), "npm is not installed: the server comes from its registry")
class StratumPool(unittest.TestCase):
    DIFFICULTY = 0.0002

    def setUp(self):
        missing = install()
        if missing:
            self.skipTest(missing)
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.port = free_port()
        self.shares, self.log = [], []
        self.pool = subprocess.Popen(["node", "-e", SERVER, "x", str(self.port), str(self.daemon.port),
                                      str(self.DIFFICULTY)], cwd=FOLDER, text=True, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(self.pool.stdout.close)
        self.addCleanup(self.pool.wait)
        self.addCleanup(self.pool.kill)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.pool.stdout:
            if line.startswith("SHARE "):
                self.shares.append(json.loads(line[6:]))
            else:
                self.log.append(line)

    def test_it_accepts_every_share_and_new_jobs_are_followed(self):
        with Program({"mining": {"algorithm": "sha256d"}, "pool": {"enable": False},
                      "upstreams": [{"url": f"stratum+tcp://127.0.0.1:{self.port}", "user": "alice.rig7",
                                     "pass": "x"}]}).start() as miner:
            try:
                wait_for("20 shares", lambda: len(self.shares) >= 20, 60)
                self.daemon.height += 1
                wait_for("20 shares on the next block", lambda: sum(
                    s.get("height") == self.daemon.height for s in self.shares) >= 20, 60)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{miner.text()}\n{''.join(self.log[-40:])}") from None
            miner.post("/api/mining/stop")
            time.sleep(0.5)
            shares = miner.get("/api/status")["shares"]
        refused = [s for s in self.shares if not s["valid"]]
        stale = [s for s in refused if s["error"] == "job not found"]  # found while the new job was on its way
        self.assertEqual(refused, stale)
        self.assertLess(len(stale), 10)
        self.assertEqual({s["worker"] for s in self.shares}, {"alice.rig7"})
        self.assertGreaterEqual(min(float(s["difficulty"]) for s in self.shares if s["valid"]),
                                0.99 * self.DIFFICULTY)
        self.assertGreaterEqual(shares["accepted"], 40)
        print(f"stratum-pool-sha256: {shares['accepted']} shares accepted, {shares['rejected']} refused, "
              f"{len(stale)} stale")


if __name__ == "__main__":
    unittest.main()
