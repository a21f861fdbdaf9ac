"""The command line of bench/compare: run, show, judge."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from side_by_side.bars import OURS, bars_table, verdicts
from side_by_side.corpus import Corpus
from side_by_side.debian import ProgramNotFoundError, program
from side_by_side.environments import CACHE, peer_environment
from side_by_side.machine import is_busy, machine_facts
from side_by_side.markdown import as_markdown, write_between_marks
from side_by_side.measurement import Bench
from side_by_side.options import Chosen, choose
from side_by_side.peers.peer import Peer
from side_by_side.rounds import run, started
from side_by_side.samples import Results
from side_by_side.scratch import run_folder
from side_by_side.table import make_table

_FILE_COLUMNS = 140  # where no terminal says how wide it is


def main() -> int:
    """Run the benchmark; return 1 if Wheelyard failed, or missed a bar that was asked about."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen, console = choose(), Console(width=None if sys.stdout.isatty() else _FILE_COLUMNS)
    CACHE.mkdir(exist_ok=True)
    try:
        results = _measure(chosen, console)
    except ProgramNotFoundError as error:
        console.print(f"[red]{escape(str(error))}")
        return 2
    chosen.out.write_text(json.dumps(results.as_json(), indent=1))
    console.print(make_table(results, chosen.measurements))
    for server, failures in results.failures.items():
        for words in failures:
            console.print(f"[red]{server} failed in a round: {escape(words)}")
    if chosen.write is not None:
        _write(chosen, chosen.write, results)
    if chosen.check:
        console.print(bars_table(results))
    is_missed = any(verdict.words == "not met" for verdict in verdicts(results))
    return 1 if OURS in results.failures or (chosen.check and is_missed) else 0


def _measure(chosen: Chosen, console: Console) -> Results:
    """Start the servers, measure, end them. Raises ProgramNotFoundError without wrk."""
    program("wrk", "wrk")
    results = Results(machine_facts(), {})
    present = [peer for peer in chosen.peers if _is_present(peer, results, console)]
    for name, words in {**results.machine, **results.servers}.items():
        console.print(f"{name}: {escape(words)}", highlight=False)
    if is_busy():
        console.print("[yellow]The machine is busy: only the ratios tell something, if at all.")
    with run_folder(CACHE) as folder:
        bench = Bench(chosen.pace, Corpus(CACHE / "corpus"), folder / "scratch")
        with started(present, folder) as contestants, console.status("starting") as status:
            run(chosen.measurements, contestants, bench, results, status.update)
    return results


def _is_present(peer: Peer, results: Results, console: Console) -> bool:
    """Note a server's version; without it the run goes on, and says so."""
    try:
        results.servers[peer.name] = f"{peer.version()}: {peer.note}"
    except ProgramNotFoundError as error:
        console.print(f"[yellow]without {peer.name}: {error}")
        return False
    return True


def _write(chosen: Chosen, page: Path, results: Results) -> None:
    """Write the tables into the page, and the plot beside it."""
    write_between_marks(page, as_markdown(results, chosen.measurements))
    script = Path(__file__).with_name("plot.py")
    python = peer_environment("plot") / "python"
    subprocess.run([python, script, chosen.out, page.with_suffix(".svg")], check=True)


if __name__ == "__main__":
    sys.exit(main())
