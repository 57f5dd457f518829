# SPDX-License-Identifier: MIT
"""Connections that come and go for a long time while jobs change every other second: the server's memory must not
grow once it has settled.

`make test` runs a short one. The real one: tests/run --pattern soak integration with OTEDAMA_SOAK="1800 2000"
(seconds, connections)."""
import asyncio
import json
import os
import random
import unittest

from support.program import Program, wait_for
from support.rawminer import Neighbour

SECONDS, CONNECTIONS = (int(word) for word in os.environ.get("OTEDAMA_SOAK", "25 200").split())
LIFE = 100.0  # seconds that a connection lives on average
SETTLED = 1 / 6  # of the time: five minutes of thirty


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Crowd:
    """Keeps so many connections open; each lives for a while, then another takes its place."""

    def __init__(self, port, size):
        self.port, self.size = port, size
        self.open, self.came, self.jobs, self.failures, self.going_on = 0, 0, 0, [], True

    async def one(self, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.open += 1
        self.came += 1
        try:
            for ident, (method, params) in enumerate((("mining.subscribe", ["soak/1"]),
                                                      ("mining.authorize", [f"soak.w{number % 500}", "x"]))):
                writer.write(json.dumps({"id": ident, "method": method, "params": params}).encode() + b"\n")
            async with asyncio.timeout(random.expovariate(1 / LIFE) + 0.1):
                false = 0  # so few that the guard lets it be
                while True:
                    line = await reader.readline()
                    if not line:
                        raise ConnectionError("the server closed it")
                    self.jobs += b"mining.notify\",\"params" in line
                    if false < 10 and random.random() < 0.02:  # a share that is none
                        false += 1
                        writer.write(b'{"id":9,"method":"mining.submit","params":["soak.w1","1","0000000000000000",'
                                     b'"00000000","00000000"]}\n')
        except TimeoutError:
            pass
        except (ConnectionError, OSError) as failure:
            self.failures.append(str(failure))
        finally:
            self.open -= 1
            if random.random() < 0.3:
                writer.transport.abort()
            else:
                writer.close()

    async def slot(self, number):
        await asyncio.sleep(number * 5 / self.size)
        while self.going_on:
            await self.one(number)

    async def watch(self, pid, seconds):
        samples = []
        for second in range(int(seconds)):
            await asyncio.sleep(1)
            samples.append(rss_kib(pid))
            if second % 60 == 59:
                print(f"{second + 1} s: {samples[-1]} KiB, {self.open} open, {self.came} came, {self.jobs} jobs told", flush=True)
        self.going_on = False
        return samples

    async def run(self, pid, seconds):
        slots = [asyncio.create_task(self.slot(i)) for i in range(self.size)]
        samples = await self.watch(pid, seconds)
        for slot in slots:
            slot.cancel()
        await asyncio.gather(*slots, return_exceptions=True)
        return samples


class Soak(unittest.TestCase):
    def test_memory_does_not_grow(self):
        pool = Program({"mining": {"algorithm": "sha256d"},
                        "pool": {"enable": True, "loops": 2, "max_connections": CONNECTIONS + 100,
                                 "difficulty": {"start": 1e-5, "min": 1e-5},
                                 "devnet": {"block_interval": "2s"}}})
        self.addCleanup(pool.close)
        pool.start()
        wait_for("a template", lambda: pool.get("/api/pool/info")["height"], 30)
        neighbour = Neighbour(pool.port["stratum"], pause=0.5)
        crowd = Crowd(pool.port["stratum"], CONNECTIONS)
        samples = asyncio.run(crowd.run(pool.process.pid, SECONDS))
        neighbour.stop()
        self.assertIsNone(neighbour.failure)
        self.assertEqual(neighbour.refused, [])
        self.assertGreater(neighbour.accepted, SECONDS / 20)
        self.assertEqual(crowd.failures, [])
        self.assertGreater(crowd.jobs, crowd.came)
        settled = samples[int(len(samples) * SETTLED):]
        third = max(1, len(settled) // 3)
        early, late = max(settled[:third]), max(settled[-third:])
        print(f"soak: {SECONDS} s, {CONNECTIONS} connections, {crowd.came} came, {crowd.jobs} jobs told, "
              f"{neighbour.accepted} shares of an honest miner, slowest answer {1000 * neighbour.slowest:.0f} ms, "
              f"RSS {early} KiB early, {late} KiB late")
        self.assertLess(late, early * 1.05 + 4096)


if __name__ == "__main__":
    unittest.main()
