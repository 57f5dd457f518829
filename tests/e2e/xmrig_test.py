# SPDX-License-Identifier: MIT
"""A miner that others wrote on our pool: xmrig of Debian's unstable suite, unpacked with its libraries into build/xmrig,
mines RandomX (light: 256 MiB) on devnet, also through `otedama record`."""
import pathlib
import re
import shutil
import subprocess
import unittest

from support.program import BINARY, ROOT, Program, wait_for

FOLDER = ROOT / "build/xmrig"
SHARES = 2


def install():
    """Once. Why it is not there, or None."""
    if (FOLDER / "usr/bin/xmrig").exists():
        return None
    arch = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    try:
        done = subprocess.run([ROOT / "scripts/sysroot", arch, FOLDER, "--suite", "sid", "xmrig"], capture_output=True,
                              text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "Debian's packages did not come within 300 s"
    return f"xmrig cannot be had: {done.stderr.strip()[-200:]}" if done.returncode else None


@unittest.skipUnless(shutil.which("dpkg"), "xmrig comes from Debian's packages, which this system does not take")
class Xmrig(unittest.TestCase):
    def setUp(self):
        missing = install()
        if missing:
            self.skipTest(missing)
        self.pool = Program({"mining": {"algorithm": "randomx", "autostart": False, "enable_cpu": False},
                             "pool": {"enable": True, "coin": "devnet", "difficulty": {"start": 40, "min": 40}}})
        self.addCleanup(self.pool.close)
        self.pool.start()

    def command(self, address, *more):
        loader = next(FOLDER.glob("usr/lib/*/ld-linux*.so.*"))
        libraries = {str(p.parent) for p in FOLDER.glob("usr/lib/**/*.so*")}
        return [str(loader), "--library-path", ":".join(sorted(libraries)), str(FOLDER / "usr/bin/xmrig"), "-a", "rx/0",
                "-o", address, "-u", "alice.rig7", "-p", "secret word", "-t", "1", "--randomx-mode=light",
                "--no-huge-pages", "--randomx-no-rdmsr", "--randomx-wrmsr=-1", "--no-color", "--donate-level=0", *more]

    def mine(self, address, *more):
        """xmrig's output once it has its shares."""
        output = pathlib.Path(self.pool.folder) / "xmrig"
        miner = subprocess.Popen(self.command(address, f"--log-file={output}", *more), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=self.pool.folder)

        def shares():
            self.assertIsNone(miner.poll(), "xmrig ended")
            return output.exists() and re.search(rf"accepted \({SHARES}/", output.read_text(errors="replace"))
        try:
            wait_for("shares of xmrig", shares, 120, 0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{output.read_text(errors='replace')}\n{self.pool.text()}") from None
        finally:
            miner.terminate()
            miner.wait(30)
        text = output.read_text(errors="replace")
        self.assertNotIn("rejected", text)
        print(re.findall(r"accepted \(.*", text)[-1])

    def test_its_shares_are_accepted(self):
        self.mine(f"127.0.0.1:{self.pool.port['stratum']}", "--keepalive", "--rig-id=garage")
        # they are credited in batches, and shown a moment later
        shares = wait_for("them to be credited", lambda: next((s for s in [self.pool.get("/api/pool/info")["shares"]]
                                                               if s["accepted"] >= SHARES), None), 20)
        self.assertEqual(set(shares["reject_reasons"].values()), {0})

    def test_in_nicehash_mode_and_recorded_it_mines_as_well(self):
        path = pathlib.Path(self.pool.folder) / "talk"
        recorder = subprocess.Popen([str(BINARY), "record", "--listen", "127.0.0.1:0", "--to",
                                     f"127.0.0.1:{self.pool.port['stratum']}", "-o", str(path)],
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(recorder.stdout.close)
        self.addCleanup(recorder.wait)
        self.addCleanup(recorder.kill)
        self.mine(re.search(r"listening on ([^ ,]+)", recorder.stdout.readline())[1], "--nicehash")
        recorder.terminate()
        recorder.wait(20)
        text = path.read_text()
        self.assertGreaterEqual(text.count('"method":"submit"'), SHARES)
        for word in ("alice", "rig7", "secret"):
            self.assertNotIn(word, text)


if __name__ == "__main__":
    unittest.main()
