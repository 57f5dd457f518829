"""Runs the real program with a configuration of its own, on loopback ports that are free."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("OTEDAMA_BIN", ROOT / "build/release/otedama"))


def free_ports(count):
    """That many different ones."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def free_port():
    return free_ports(1)[0]


def wait_for(what, condition, timeout=30, step=0.1):
    """The first true value of condition(), or AssertionError naming `what`."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(step)


def merged(base, extra):
    out = dict(base)
    for key, value in extra.items():
        out[key] = merged(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


class Program:
    """One running otedama. `settings` is the nested configuration; JSON is YAML's flow style."""

    def __init__(self, settings=None, folder=None):
        self.own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="otedama-test-"))
        names = ("api", "health", "metrics", "stratum")
        self.port = dict(zip(names, free_ports(len(names))))
        base = {
            "data": {"dir": str(self.folder)},
            "mining": {"cpu": {"threads": 1, "priority": 0}},
            "pool": {"address": f"127.0.0.1:{self.port['stratum']}"},
            "api": {"address": f"127.0.0.1:{self.port['api']}"},
            "monitoring": {"health": {"address": f"127.0.0.1:{self.port['health']}"},
                           "metrics": {"address": f"127.0.0.1:{self.port['metrics']}"}},
        }
        self.settings = merged(base, settings or {})
        self.config = self.folder / "config.yaml"
        self.output = self.folder / "output.txt"
        self.process = None
        self.binary = BINARY
        self.write_config()

    def write_config(self):
        self.config.write_text(json.dumps(self.settings, indent=1))

    def start(self, wait=True, env=None, pass_fds=(), started=None):
        """With `started`, calls it once the program has what it inherits."""
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen([str(self.binary), "serve", "--config", str(self.config)], stdout=out,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, **(env or {})), pass_fds=pass_fds)
        if started:
            started()
        if wait:
            wait_for("the API answers", self.alive, 20)
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"otedama ended with {self.process.returncode}:\n{self.text()}")
        try:
            status, text = self.request("GET", "/api/status")
        except OSError:
            return None
        return json.loads(text)["data"] if status == 200 else None  # 503: it is still starting

    def text(self):
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def request(self, method, path, body=None, port="api"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port[port], timeout=5)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        status, text = self.request("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {text}")
        return json.loads(text)["data"]

    def post(self, path, body=None):
        status, text = self.request("POST", path, body if body is not None else {})
        return status, json.loads(text)

    def cli(self, *words, check=True):
        done = subprocess.run([str(BINARY), *words], capture_output=True, text=True, timeout=60)
        if check and done.returncode:
            raise AssertionError(f"otedama {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def kill(self):
        """kill -9, as a power failure would."""
        self.process.kill()
        self.process.wait()

    def pause(self):
        """As a debugger stops it, until resume()."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout=10):
        """SIGTERM; returns (exit code, seconds it took)."""
        if self.process is None or self.process.poll() is not None:
            return self.process and self.process.returncode, 0.0
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout)
        return self.process.returncode, time.monotonic() - begin

    def close(self):
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
