"""The facts of the machine that figures are read beside."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path


def machine_facts() -> dict[str, str]:
    """Return the processor, cores, memory, kernel, Python, time, and the load before the run."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": processor[1] if processor else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "?",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load average before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "begun": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def is_busy() -> bool:
    """Tell whether others have used more than a quarter of the cores in the last minute."""
    return os.getloadavg()[0] > len(os.sched_getaffinity(0)) / 4
