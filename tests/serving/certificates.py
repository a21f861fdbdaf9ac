"""Certificates for tests: an authority of their own, trusted by nobody else."""

from dataclasses import dataclass
from pathlib import Path

import requests
import trustme


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a server on loopback, and of the authority that clients have to trust."""

    chain: Path
    key: Path
    authority: Path

    def session(self) -> requests.Session:
        """Return a client that trusts the authority, whatever the environment has it trust."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.authority)
        return session

    @property
    def options(self) -> tuple[str, ...]:
        """Options of `wheelyard serve`."""
        return ("--tls-cert", str(self.chain), "--tls-key", str(self.key))


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate for 127.0.0.1 and localhost."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    files = Certificate(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    files.chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    files.key.write_bytes(issued.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(files.authority))
    return files
