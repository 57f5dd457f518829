#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the transcripts own-*.txt anew: the program's client mines through `otedama record` on the program's own
pool, on devnet.

tests/transcripts/record.py [NAME...]"""
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.dont_write_bytecode = True
from support.program import BINARY, Program, wait_for  # noqa: E402

SHARES = 3
OWN = {  # name: algorithm, URL scheme, share difficulty (0 = the algorithm's own)
    "own-stratum1-sha256d": ("sha256d", "stratum+tcp", 0),
    "own-stratum1-scrypt": ("scrypt", "stratum+tcp", 0),
    "own-kawpow": ("kawpow", "stratum+tcp", 0),
    "own-ethereum1": ("ethash", "stratum2+tcp", 2e-8),
    "own-ethereum2": ("ethash", "stratum3+tcp", 2e-8),
    "own-ethereum2-resumed": ("ethash", "stratum3+tcp", 3e-7),
    "own-ethproxy": ("ethash", "ethproxy+tcp", 2e-8),
    "own-monero": ("randomx", "stratum+tcp", 64),
}


def leave_and_come_back(miner):
    miner.post("/api/pools/0/disable")
    time.sleep(1)
    miner.post("/api/pools/0/enable")
    wait_for("the session", lambda: miner.get("/api/pools")["pools"][0]["sessions_resumed"], 60)
    before = miner.get("/api/status")["shares"]["accepted"]
    wait_for("shares", lambda: miner.get("/api/status")["shares"]["accepted"] >= before + SHARES, 240)


def record(name, algorithm, scheme, difficulty):
    path = HERE / f"{name}.txt"
    path.unlink(missing_ok=True)
    pool = Program({"mining": {"algorithm": algorithm, "autostart": False, "enable_cpu": False},
                    "pool": {"enable": True, "coin": "devnet",
                             "difficulty": {"start": difficulty, "min": difficulty}}})
    with pool.start():
        recorder = subprocess.Popen([str(BINARY), "record", "--listen", "127.0.0.1:0", "--to",
                                     f"127.0.0.1:{pool.port['stratum']}", "-o", str(path), "--algorithm", algorithm],
                                    stdout=subprocess.PIPE, text=True)
        address = recorder.stdout.readline().split()[2].rstrip(",")
        try:
            with Program({"mining": {"algorithm": algorithm, "dataset": {"mode": "light"}}, "pool": {"enable": False},
                          "upstreams": [{"url": f"{scheme}://{address}", "user": "alice.rig7",
                                         "pass": "secret"}]}).start() as miner:
                wait_for("shares", lambda: miner.get("/api/status")["shares"]["accepted"] >= SHARES, 240)
                if name.endswith("-resumed"):
                    leave_and_come_back(miner)
        finally:
            recorder.terminate()
            print(name, recorder.communicate()[0].strip())


for wanted in sys.argv[1:] or OWN:
    record(wanted, *OWN[wanted])
