"""Two nodes behind nginx with the configuration of `deploy/`: only addresses and paths differ."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from databases import database_of
from docs.markdown import ROOT
from registry import Registry
from running import Server
from serving.certificates import Certificate

SITE = ROOT / "deploy" / "nginx.conf"
START_SECONDS = 60

_MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nodes:
    """Nodes on one PostgreSQL database and one folder of files, each with data of its own."""

    def __init__(self, folder: Path, count: int = 2) -> None:
        shared = {
            "WHEELYARD_DATABASE_URL": database_of(folder),
            "WHEELYARD_BLOBS": f"file://{folder}/blobs",
            "WHEELYARD_TRUSTED_PROXIES": "127.0.0.1",
        }
        self.all = [Server(folder / f"node{number}", environment=shared) for number in range(count)]
        self.registry = Registry(folder / "operator", shared["WHEELYARD_DATABASE_URL"])

    def start(self) -> "Nodes":
        for node in self.all:
            node.start()
        return self

    def stop(self) -> None:
        for node in self.all:
            if node.is_running():
                node.stop()


class Nginx:
    """Debian's nginx before some nodes; `http` and `https` are its addresses."""

    def __init__(self, folder: Path, nodes: list[Server], certificate: Certificate) -> None:
        folder.mkdir()
        http, https = _free_port(), _free_port()
        self.http, self.https = f"http://127.0.0.1:{http}", f"https://127.0.0.1:{https}"
        self._log = folder / "error.log"
        first, second = (urlsplit(node.address).netloc for node in nodes)
        site = _replaced(
            SITE.read_text(),
            {
                "server 10.0.0.11:8080 ": f"server {first} ",
                "server 10.0.0.12:8080 ": f"server {second} ",
                "listen 80;": f"listen 127.0.0.1:{http};",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
                "/etc/ssl/certs/packages.example.org.pem": str(certificate.chain),
                "/etc/ssl/private/packages.example.org.key": str(certificate.key),
            },
        )
        (folder / "site.conf").write_text(site)
        user = "user root;" if Path("/proc/self").owner() == "root" else ""
        main = folder / "nginx.conf"
        main.write_text(_MAIN.format(folder=folder, user=user))
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-c", str(main), "-e", str(self._log), "-p", str(folder)]
        )

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    def log(self) -> str:
        return self._log.read_text()

    def await_answers(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process.poll() is None, self.log()
            try:
                requests.get(self.http, timeout=60, allow_redirects=False)
            except requests.ConnectionError:
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)
            else:
                return


def _replaced(text: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
