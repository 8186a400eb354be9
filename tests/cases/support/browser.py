"""A headless Chromium, spoken to over its debugging pipe: what a page is when it is really shown."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import time

SECONDS = 60  # for one answer; starting takes a second or two


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium")
        assert program, "chromium is missing: scripts/setup installs it"
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        words = [program, "--headless=new", "--no-sandbox", "--disable-gpu",
                 "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
                 "--remote-debugging-pipe", f"--user-data-dir={folder}/profile"]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "browser", *words],
            pass_fds=(to_read, from_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=str(folder)))
        os.close(to_read)
        os.close(from_write)
        self.write, self.read = to_write, from_read
        self.rest = b""
        self.number = 0
        self.heard = []

    def message(self):
        deadline = time.monotonic() + SECONDS
        while b"\0" not in self.rest:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.read], [], [], left)[0], "chromium is silent"
            more = os.read(self.read, 1 << 16)
            assert more, "chromium is gone"
            self.rest += more
        raw, self.rest = self.rest.split(b"\0", 1)
        return json.loads(raw)

    def ask(self, method, session=None, **given):
        self.number += 1
        message = {"id": self.number, "method": method, "params": given}
        if session:
            message["sessionId"] = session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.heard.append(answer)

    def open(self, file, width=1000, dark=False):
        """The page of a file as a Tab, loaded."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Network", "Log", "Runtime"):
            tab.ask(f"{domain}.enable")
        tab.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                mobile=False)
        tab.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.heard.clear()
        tab.ask("Page.navigate", url=pathlib.Path(file).resolve().as_uri())
        while not any(m.get("method") == "Page.loadEventFired" for m in self.heard):
            self.heard.append(self.message())
        return tab

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.write)
        os.close(self.read)


class Tab:
    def __init__(self, browser, session):
        self.browser, self.session = browser, session

    def ask(self, method, **given):
        return self.browser.ask(method, session=self.session, **given)

    def value(self, expression):
        """What a JavaScript expression is in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def events(self, method):
        return [m["params"] for m in self.browser.heard if m.get("method") == method]

    def screenshot(self, file):
        shot = self.ask("Page.captureScreenshot", format="png")
        pathlib.Path(file).write_bytes(base64.b64decode(shot["data"]))
