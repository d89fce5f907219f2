"""A stack that serves HTTPS and HTTP/2 with a certificate of its own."""

import ssl
import subprocess

import httpx

from .stack import Stack


class TLSStack(Stack):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.render += ["--certificate", self.certificate, "--private-key", self.home / "private-key.pem"]
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
                *("-keyout", self.home / "private-key.pem", "-out", self.certificate),
            ],
            check=True,
            capture_output=True,
        )

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self):
        return self.home / "certificate.pem"

    def readiness(self):
        try:
            return httpx.get(f"{self.url}/health/readiness", verify=self.context()).status_code
        except httpx.HTTPError as error:
            raise OSError(error) from error

    def context(self):
        return ssl.create_default_context(cafile=self.certificate)

    def key(self, **fields):
        headers = {"Authorization": f"Bearer {self.master.key}"}
        answer = httpx.post(f"{self.url}/key/generate", json=fields, headers=headers, verify=self.context())
        assert answer.status_code == 200, answer.text
        return answer.json()
