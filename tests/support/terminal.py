"""A real terminal for the console: tmux, driven by keys and read as text."""
import os
import subprocess
import time

from support.program import wait_for


class Terminal:
    def __init__(self, width, height, command, env=None):
        self.socket = f"otedama-test-{os.getpid()}-{id(self):x}"
        settings = [f"{k}={v}" for k, v in {"LC_ALL": "C.UTF-8", **(env or {})}.items()]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height),
                   "env", *settings, *command)
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *words):
        return subprocess.run(["tmux", "-L", self.socket, *words], capture_output=True, text=True, check=False,
                              timeout=20).stdout

    def keys(self, *names):
        for name in names:
            self._tmux("send-keys", "-t", "t", name)
            time.sleep(0.05)

    def screen(self):
        return self._tmux("capture-pane", "-p", "-t", "t")

    def resize(self, width, height):
        self._tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    def wait(self, text, timeout=15):
        try:
            return wait_for(text, lambda: (s := self.screen()) and text in s and s, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; the screen is:\n{self.screen()}") from None

    def ended(self):
        return "dead" in self._tmux("list-panes", "-t", "t", "-F", "#{?pane_dead,dead,alive}")

    def close(self):
        self._tmux("kill-server")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
