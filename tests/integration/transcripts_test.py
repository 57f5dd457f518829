# SPDX-License-Identifier: MIT
"""Every transcript of tests/transcripts/ is replayed: as the pool against this program's client, as the miner against
its server. Those that were recorded on devnet have work that a CPU does, so their shares are waited for where hashing
is quick."""
import hashlib
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import unittest

from support.program import BINARY, ROOT, Program, wait_for

TRANSCRIPTS = sorted((ROOT / "tests/transcripts").glob("*.txt"))
SCHEMES = {"ethereum1": "stratum2+tcp", "ethereum2": "stratum3+tcp", "ethproxy": "ethproxy+tcp"}
QUICK = {"sha256d", "scrypt"}


def keys(path):
    """The "@ KEY VALUE" lines."""
    return dict(re.findall(r"^@ (\S+) (.*)$", path.read_text(), re.M))


def scheme(path):
    return next((url for name, url in SCHEMES.items() if name in path.stem), "stratum+tcp")


def listening(process):
    """The address in the first line of a recorder or a replayed pool."""
    return re.search(r"listening on (\S+?),? ?(recording.*)?$", process.stdout.readline())[1]


class Transcripts(unittest.TestCase):
    def client(self, algorithm, url):
        client = Program({"mining": {"algorithm": algorithm, "dataset": {"mode": "light"}}, "pool": {"enable": False},
                          "upstreams": [{"url": url, "user": "user9.worker9", "pass": "x"}]})
        self.addCleanup(client.close)
        return client.start()

    def server(self, algorithm, **settings):
        server = Program({"mining": {"algorithm": algorithm, "autostart": False, "enable_cpu": False},
                          "pool": {"enable": True, "coin": "devnet", **settings}})
        self.addCleanup(server.close)
        return server.start()

    def spawn(self, *words):
        process = subprocess.Popen([str(BINARY), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process

    def end(self, process):
        text = process.stdout.read()
        return process.wait(60), text

    def test_our_client_talks_with_each_recorded_pool(self):
        for path in TRANSCRIPTS:
            algorithm = keys(path)["algorithm"]
            shares = algorithm in QUICK and path.stem.startswith("own-")
            with self.subTest(path.stem):
                pool = self.spawn("replay", str(path), "--as", "pool", "--fast", *([] if shares else ["--no-shares"]))
                client = self.client(algorithm, f"{scheme(path)}://{listening(pool)}")
                code, text = self.end(pool)
                self.assertEqual(code, 0, f"{text}\n{client.text()}")
                client.close()

    def test_our_server_talks_with_each_recorded_miner(self):
        for algorithm in sorted({keys(path)["algorithm"] for path in TRANSCRIPTS}):
            server = self.server(algorithm)
            for path in [p for p in TRANSCRIPTS if keys(p)["algorithm"] == algorithm]:
                with self.subTest(path.stem):
                    code, text = self.end(self.spawn("replay", str(path), "--as", "miner", "--fast", "--to",
                                                     f"127.0.0.1:{server.port['stratum']}"))
                    self.assertEqual(code, 0, f"{text}\n{server.text()}")
            server.close()

    def test_a_recording_has_all_messages_and_no_secret(self):
        server = self.server("sha256d")
        folder = tempfile.TemporaryDirectory(prefix="otedama-test-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "talk"
        recorder = self.spawn("record", "--listen", "127.0.0.1:0", "--to", f"127.0.0.1:{server.port['stratum']}",
                              "-o", str(path), "--algorithm", "sha256d")
        address = listening(recorder)
        client = Program({"pool": {"enable": False}, "mining": {"algorithm": "sha256d"},
                          "upstreams": [{"url": f"stratum+tcp://{address}", "user": "carol.garage",
                                         "pass": "correct horse"}]})
        self.addCleanup(client.close)
        client.start()
        wait_for("shares through the recorder", lambda: client.get("/api/status")["shares"]["accepted"] >= 3)
        recorder.kill()  # as a crash: what was said before is in the file
        text = path.read_text()
        for word in ("carol", "garage", "correct", "horse"):
            self.assertNotIn(word, text)
        self.assertGreaterEqual(text.count('"mining.submit"'), 3)
        self.assertIn('"mining.authorize","params":["user1.worker1","x"]', text)
        client.close()
        code, told = self.end(self.spawn("replay", str(path), "--as", "miner", "--fast", "--to",
                                         f"127.0.0.1:{server.port['stratum']}"))
        self.assertEqual(code, 0, told)

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed: it makes the certificate")
    def test_every_byte_goes_through_under_tls_and_what_cannot_be_redacted_is_left_out(self):
        folder = tempfile.TemporaryDirectory(prefix="otedama-test-")
        self.addCleanup(folder.cleanup)
        certificate, key, path = (pathlib.Path(folder.name) / name for name in ("certificate", "key", "talk"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=pool", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()
        said = (b'{"id":1,"method":"mining.authorize","params":["dave","pw"]}\r\n' b"Password: pw\n" +
                b"x" * 200_000 + b"\n" b'{"id": 2}\n')
        with socket.create_server(("127.0.0.1", 0)) as listener:
            recorder = self.spawn("record", "--listen", "127.0.0.1:0", "--connections", "1", "-o", str(path), "--to",
                                  f"stratum+ssl://127.0.0.1:{listener.getsockname()[1]}", "--tls-fingerprint", fingerprint)
            host, port = listening(recorder).split(":")
            with socket.create_connection((host, int(port)), 10) as miner:
                listener.settimeout(10)
                pool = context.wrap_socket(listener.accept()[0], server_side=True)
                miner.sendall(said)
                heard = b""
                while len(heard) < len(said):
                    heard += pool.recv(65536)
                self.assertEqual(heard, said)
                pool.close()
        code, told = self.end(recorder)
        self.assertEqual(code, 0, told)
        text = re.sub(r"(?m)^(\d+ .) \d+", r"\1", path.read_text())
        self.assertEqual(text.splitlines()[1:], [
            "1 = open", '1 > {"id":1,"method":"mining.authorize","params":["user1","x"]}',
            "1 = the miner said 12 bytes that are no message: left out",
            "1 = the miner said 200000 bytes that are too long a line: left out", '1 > {"id": 2}',
            "1 = closed by the pool"])

    def test_a_difference_is_told_and_decides_the_exit_code(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write((ROOT / "tests/transcripts/own-stratum1-sha256d.txt").read_text()
                       .replace('"method":"mining.authorize"', '"method":"mining.login"'))
            file.flush()
            server = self.server("sha256d")
            code, text = self.end(self.spawn("replay", file.name, "--as", "miner", "--fast", "--to",
                                             f"127.0.0.1:{server.port['stratum']}", "--wait", "3"))
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"line \d+: difference: mining.login: answered with ")


if __name__ == "__main__":
    unittest.main()
