# SPDX-License-Identifier: MIT
"""The engines on machines that this one is not, under QEMU's user emulation: 64-bit ARM, and x86-64 processors
with fewer or other instructions. `make qemu` fetches and builds what this needs."""
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ARM = "aarch64-linux-gnu"
BUILDS = {"x86_64": "build/release", "aarch64": f"build/release-{ARM}"}
CONTRACTS = ("tests/contract/algos_test", "tests/contract/known_test", "tests/contract/versions_test")


def emulate(machine, program, *words, cpu="max", **environment):
    """A finished run of a program of the machine's build."""
    env = dict(os.environ, **environment)
    if machine == "aarch64":
        env["QEMU_LD_PREFIX"] = str(ROOT / "build/sysroot" / ARM)
    emulator = [f"build/qemu/qemu-{machine}", "-cpu", cpu]
    return subprocess.run([*emulator, f"{BUILDS[machine]}/{program}", *words], env=env, cwd=ROOT, capture_output=True,
                          text=True, errors="replace", timeout=600)


def needs(machine):
    """Skips where the emulator or what it should run is missing."""
    wanted = [f"build/qemu/qemu-{machine}", *(f"{BUILDS[machine]}/{p}" for p in ("otedama", *CONTRACTS))]
    missing = [p for p in wanted if not (ROOT / p).exists()]
    return unittest.skipIf(missing, f"make qemu fetches and builds {', '.join(missing)}")


def huge_pages_free():
    found = re.search(r"HugePages_Free: *(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return int(found[1]) if found else 0


class Contracts(unittest.TestCase):
    """Every implementation that the emulated processor runs."""

    def check(self, machine):
        for program in CONTRACTS:
            done = emulate(machine, program)
            passed = re.search(r"PASSED  \] (\d+) test", done.stdout + done.stderr)
            self.assertTrue(done.returncode == 0 and passed and int(passed[1]) > 0, done.stdout + done.stderr)

    @needs("aarch64")
    def test_arm_with_sha2_neon_and_plain_c(self):
        self.check("aarch64")

    @needs("x86_64")
    @unittest.skipIf(huge_pages_free(), "QEMU reads behind RandomX's reserved huge pages (CONTRIBUTING.md)")
    def test_x86_with_sha_avx2_sse_and_plain_c(self):
        self.check("x86_64")


class Choice(unittest.TestCase):
    """What `auto` takes, and what becomes of a wish for instructions that are missing."""

    def engine(self, machine, cpu, **environment):
        done = emulate(machine, "otedama", "devices", cpu=cpu, **environment)
        found = re.search(r"sha256d=(\w+)", done.stdout)
        self.assertTrue(found, done.stdout + done.stderr)
        return found[1]

    @needs("x86_64")
    def test_x86_processors_of_each_age(self):
        for cpu, engine in (("qemu64", "scalar"), ("Nehalem", "sse41"), ("Haswell", "avx2"), ("Denverton", "shani")):
            with self.subTest(cpu):
                self.assertEqual(self.engine("x86_64", cpu), engine)

    @needs("aarch64")
    def test_arm_with_and_without_sha2(self):
        self.assertEqual(self.engine("aarch64", "max"), "armsha")
        self.assertEqual(self.engine("aarch64", "max", OTEDAMA_CPU_MASK="armsha"), "neon")

    @needs("x86_64")
    def test_a_wish_that_cannot_be_met_names_those_that_can(self):
        done = emulate("x86_64", "otedama", "bench", "--algo", "sha256d", "--impl", "avx512", cpu="Nehalem")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("use auto, sse41, scalar", done.stderr)
