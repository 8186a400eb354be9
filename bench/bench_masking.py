"""Masking: speed, recall, false masks. bench/masking_bench.cc measures; it refuses if recall is too low."""
import re

from support import BUILD, ROOT, run as command

TITLE = "Masking"
ORDER = 60


def run(bench):
    # What is about secrets shows some.
    texts = [ROOT / name for name in command("git", "-C", ROOT, "ls-files", "src", "docs", "tests").decode().split("\n")
             if name.endswith((".cc", ".h", ".md", ".py")) and "secrets" not in name and "masking" not in name]
    out = command(BUILD / "bench/masking_bench", *texts).decode()

    def figure(pattern):
        found = re.search(pattern, out)
        bench.require(found, f"masking_bench does not say '{pattern}'")
        return float(found[1])

    tokens = figure(r"vendors' tokens masked +([\d.]+) %")
    values = figure(r"values of names masked +([\d.]+) %")
    speed = figure(r"speed, nothing to look at +([\d.]+)")
    false_masks = figure(r"masked in the files +([\d.]+)")
    bench.row("vendors' tokens masked", f"{tokens:.1f} %", ">= 98 %", tokens >= 98)
    bench.row("values of telling names (`password=`) masked", f"{values:.1f} %", ">= 95 %", values >= 95)
    bench.row("speed where there is nothing to look at", f"{speed:.0f} MB/s", ">= 200 MB/s", speed >= 200)
    bench.row("speed on this project's files", f"{figure(r'speed, the files +([0-9.]+)'):.0f} MB/s", "reported")
    bench.row("false masks in them", f"{false_masks:.2f} a MB", "< 1", false_masks < 1,
              "The files are this project's own; looked at one by one, each mask was of a sample that a test "
              "writes as a secret (`TOKEN=abcdefghijklmnop` into `.env`).")
    bench.row("a payload of 32 KB", f"{figure(r'32 KiB +([0-9.]+)'):.0f} µs", "reported")
