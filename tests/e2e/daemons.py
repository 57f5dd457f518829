# SPDX-License-Identifier: MIT
"""Real coin daemons for tests: litecoind, bcoin and monerod (all regtest), started in a folder of their
own, on loopback and free ports, ended by their process."""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from support.program import ROOT, free_port, wait_for

BCOIN = ROOT / "build" / "bcoin"
BCOIN_PACKAGE = {"name": "otedama-e2e", "private": True, "dependencies": {"bcoin": "1.0.2"},
                 # the leveldown that bcoin asks for does not build with current Node
                 "overrides": {"leveldown": "5.6.0"}}


class RpcError(Exception):
    def __init__(self, code, message):
        super().__init__(f"{message} ({code})")
        self.code, self.message = code, message


class Daemon:
    """A process with a JSON-RPC port. Sub-classes start it in self.folder."""

    user, password = "user", "secret"

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="otedama-e2e-"))
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def call(self, method, *params, timeout=60):
        auth = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("POST", "/", json.dumps({"id": 1, "method": method, "params": params}),
                               {"Authorization": f"Basic {auth}", "Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if answer.get("error"):
            raise RpcError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def answers(self):
        try:
            self.call("getblockcount")
            return True
        except (OSError, RpcError, ValueError):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended: {self.log()[-2000:]}") from None
            return False

    def spawn(self, command, **more):
        with open(self.folder / "output", "ab") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                            cwd=self.folder, **more)
        wait_for(f"an answer of {command[0]}", self.answers, 60)
        return self

    def log(self):
        return (self.folder / "output").read_text(errors="replace")

    def kill(self):
        """Ends the process at once, as a crash does; the data stays for start()."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Peer:
    """The smallest Bitcoin P2P peer: version, verack, pong. A daemon with no peer refuses to give
    templates, in regtest too."""

    def __init__(self, port, magic=bytes.fromhex("fabfb5da"), version=70015):
        self.port, self.magic, self.version = port, magic, version
        self.over = threading.Event()
        self.socket = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def send(self, command, payload=b""):
        checksum = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
        self.socket.sendall(self.magic + command.encode().ljust(12, b"\0") +
                            struct.pack("<I", len(payload)) + checksum + payload)

    def greet(self):
        address = bytes(26)
        self.send("version", struct.pack("<iQq", self.version, 0, int(time.time())) + address + address +
                  struct.pack("<Q", random.getrandbits(64)) + b"\x06/peer/" + struct.pack("<i?", 0, False))

    def talk(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as self.socket:
            self.socket.settimeout(None)
            self.greet()
            stream = self.socket.makefile("rb")
            while len(header := stream.read(24)) == 24:
                payload = stream.read(struct.unpack("<I", header[16:20])[0])
                command = header[4:16].rstrip(b"\0")
                if command == b"version":
                    self.send("verack")
                elif command == b"ping":
                    self.send("pong", payload)

    def run(self):
        while not self.over.is_set():
            try:
                self.talk()
            except OSError:
                pass
            self.over.wait(0.2)

    def stop(self):
        self.over.set()
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join(5)


class Litecoind(Daemon):
    """litecoind -regtest with a peer. `cookie`: no password is set, the cookie file is used."""

    mweb_height = 432

    def __init__(self, cookie=False, peer=True, connect=None):
        super().__init__()
        self.p2p_port = free_port()
        self.peer_wanted, self.peer, self.cookie, self.connect = peer, None, cookie, connect

    @property
    def cookie_file(self):
        return self.folder / "regtest" / ".cookie"

    def start(self):
        lines = ["regtest=1", "server=1", "listen=1", "dnsseed=0", "discover=0", "upnp=0", "listenonion=0",
                 "fallbackfee=0.0001", "[regtest]", f"bind=127.0.0.1:{self.p2p_port}", "rpcbind=127.0.0.1",
                 "rpcallowip=127.0.0.1", f"rpcport={self.port}"]
        if self.connect:
            lines.append(f"connect=127.0.0.1:{self.connect}")
        if not self.cookie:
            lines += [f"rpcuser={self.user}", f"rpcpassword={self.password}"]
        (self.folder / "litecoin.conf").write_text("\n".join(lines) + "\n")
        command = ["litecoind", f"-datadir={self.folder}", f"-conf={self.folder}/litecoin.conf"]
        # Debian's wrapper writes a configuration into the home folder
        self.spawn(command, env=dict(os.environ, HOME=str(self.folder)))
        if self.peer_wanted:
            self.add_peer()
        return self

    def answers(self):
        if self.cookie:
            try:
                self.user, self.password = self.cookie_file.read_text().split(":", 1)
            except OSError:
                return False
        return super().answers()

    def add_peer(self):
        self.peer = Peer(self.p2p_port)
        wait_for("a connection of the peer", lambda: self.call("getconnectioncount"))

    def stop(self):
        if self.peer:
            self.peer.stop()
        super().stop()

    def wallet(self):
        if self.call("listwallets"):
            return
        known = [w["name"] for w in self.call("listwalletdir")["wallets"]]
        self.call("loadwallet" if "w" in known else "createwallet", "w")

    def template(self):
        return self.call("getblocktemplate", {"rules": ["mweb", "segwit"]})

    def generate(self, count):
        self.wallet()
        address = self.call("getnewaddress")
        while count > 0:  # in steps, so that a slow machine stays below the time limit of a call
            self.call("generatetoaddress", min(count, 100), address)
            count -= 100

    def ready(self):
        """One block, so that it no longer counts as downloading the chain."""
        self.generate(1)
        return self

    def before_mweb(self):
        """Tip at 431, and a peg-in in the mempool: the block at 432 needs one."""
        self.generate(self.mweb_height - 1 - self.call("getblockcount"))
        self.call("sendtoaddress", self.call("getnewaddress", "", "mweb"), 1)
        return self


class Bcoin(Daemon):
    """bcoin -regtest. SegWit is active from height 432 on."""

    user, password = "x", "key"
    segwit_height = 432

    @staticmethod
    def install():
        """Into build/bcoin, from the npm registry, once."""
        if (BCOIN / "node_modules" / "bcoin" / "bin" / "node").exists():
            return
        BCOIN.mkdir(parents=True, exist_ok=True)
        (BCOIN / "package.json").write_text(json.dumps(BCOIN_PACKAGE))
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=BCOIN,
                       check=True, stdout=subprocess.DEVNULL, timeout=300)

    def start(self):
        self.install()
        return self.spawn(
            ["node", str(BCOIN / "node_modules/bcoin/bin/node"), "--network=regtest", "--memory=true",
             f"--prefix={self.folder}", "--listen=false", "--no-wallet=true", "--http-host=127.0.0.1",
             f"--http-port={self.port}", f"--api-key={self.password}", "--max-outbound=1",
             "--only=127.0.0.1:1"],  # a dead port keeps it offline
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "NODE_BACKEND": "js", "HOME": str(self.folder)})


class Monerod(Daemon):
    """monerod --regtest with a fixed difficulty. Its chain survives kill() and start()."""

    def __init__(self, difficulty=1, login=True):
        super().__init__()
        self.difficulty, self.login = difficulty, login
        self.p2p_port, self.zmq_port = free_port(), free_port()

    def start(self):
        return self.spawn(
            ["monerod", "--regtest", "--keep-fakechain", "--offline", "--fixed-difficulty", str(self.difficulty),
             "--data-dir", str(self.folder), "--rpc-bind-ip", "127.0.0.1", "--rpc-bind-port", str(self.port),
             "--p2p-bind-ip", "127.0.0.1", "--p2p-bind-port", str(self.p2p_port),
             "--zmq-rpc-bind-port", str(self.zmq_port), "--no-igd", "--non-interactive",
             "--check-updates", "disabled"] +
            (["--rpc-login", f"{self.user}:{self.password}"] if self.login else []),
            env=dict(os.environ, HOME=str(self.folder)))

    def call(self, method, timeout=60, **params):
        return json_rpc(self.port, method, params, timeout, (self.user, self.password) if self.login else None)

    def answers(self):
        try:
            self.call("get_info")
            return True
        except (OSError, RpcError, ValueError):
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended: {self.log()[-2000:]}") from None
            return False

    def height(self):
        """Of the tip."""
        return self.call("get_info")["height"] - 1

    def header(self, height):
        return self.call("get_block_header_by_height", height=height)["block_header"]


class MoneroWallet(Daemon):
    """monero-wallet-rpc on a monerod without a login."""

    def __init__(self, monerod):
        super().__init__()
        self.monerod = monerod

    def start(self):
        self.spawn(["monero-wallet-rpc", "--daemon-address", f"127.0.0.1:{self.monerod.port}", "--trusted-daemon",
                    "--rpc-bind-port", str(self.port), "--disable-rpc-login", "--wallet-dir", str(self.folder),
                    "--log-file", str(self.folder / "log")], env=dict(os.environ, HOME=str(self.folder)))
        self.call("create_wallet", filename="w", password="", language="English")
        return self

    def call(self, method, timeout=60, **params):
        return json_rpc(self.port, method, params, timeout)

    def answers(self):
        try:
            self.call("get_version")
            return True
        except (OSError, RpcError, ValueError):
            return False

    def address(self):
        return self.call("get_address", account_index=0)["address"]


def json_rpc(port, method, params, timeout=60, login=None):
    """JSON-RPC 2.0 as Monero's programs speak it. Their digest authentication is bound to the connection, which
    curl keeps and Python's urllib does not."""
    command = ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", str(timeout),
               "--header", "Content-Type: application/json", "--data-binary", "@-",
               f"http://127.0.0.1:{port}/json_rpc"]
    if login:
        command += ["--digest", "--user", ":".join(login)]
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    done = subprocess.run(command, input=request, capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.stderr.strip())
    answer = json.loads(done.stdout)
    if answer.get("error"):
        raise RpcError(answer["error"]["code"], answer["error"]["message"])
    return answer["result"]
