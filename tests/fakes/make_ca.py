#!/usr/bin/python3
"""Makes a private certificate authority and the server certificates that tests of TLS need.

usage: make_ca.py DIRECTORY

Writes, as PEM (each NAME with NAME.key beside it):
  ca.pem          the authority that tests trust
  good.pem        for localhost and 127.0.0.1, valid for thirty days
  expired.pem     the same, but it ended in 2021
  wrong_name.pem  valid, but for elsewhere.invalid only
  stranger.pem    for localhost and 127.0.0.1, signed by an authority nobody trusts

The work is done by the openssl command; nothing is downloaded and nothing outside DIRECTORY is touched.
"""
import os
import subprocess
import sys

CONFIG = """
[ca]
default_ca = here
[here]
dir = {directory}/{name}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir
certificate = {directory}/{name}.pem
private_key = {directory}/{name}.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[as_authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[here_localhost]
subjectAltName = DNS:localhost, IP:127.0.0.1
basicConstraints = CA:false
[elsewhere]
subjectAltName = DNS:elsewhere.invalid
basicConstraints = CA:false
"""


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)


class Authority:
    def __init__(self, directory, name):
        self.directory, self.name = directory, name
        os.makedirs(os.path.join(directory, name), exist_ok=True)
        self.config = os.path.join(directory, name + ".cnf")
        with open(self.config, "w", encoding="ascii") as file:
            file.write(CONFIG.format(directory=directory, name=name))
        for file_name, text in (("index.txt", ""), ("serial", "1000\n")):
            with open(os.path.join(directory, name, file_name), "w", encoding="ascii") as file:
                file.write(text)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
                "-subj", f"/CN=Test authority {name}", "-config", self._request_config(),
                "-extensions", "as_authority", "-keyout", self._path(name + ".key"), "-out", self._path(name + ".pem"))

    def sign(self, name, extensions, start=None, end=None):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-config", self._request_config(), "-keyout", self._path(name + ".key"),
                "-out", self._path(name + ".csr"))
        when = ["-startdate", start, "-enddate", end] if start else ["-days", "30"]
        openssl("ca", "-batch", "-notext", "-config", self.config, "-extensions", extensions, *when,
                "-in", self._path(name + ".csr"), "-out", self._path(name + ".pem"))

    def _path(self, file_name):
        return os.path.join(self.directory, file_name)

    def _request_config(self):
        path = self._path(self.name + "-request.cnf")
        with open(path, "w", encoding="ascii") as file:
            file.write("[req]\ndistinguished_name = none\n[none]\n" + CONFIG[CONFIG.index("[as_authority]"):])
        return path


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = os.path.abspath(sys.argv[1])
    os.makedirs(directory, exist_ok=True)
    authority = Authority(directory, "ca")
    authority.sign("good", "here_localhost")
    authority.sign("expired", "here_localhost", "20200101000000Z", "20210101000000Z")
    authority.sign("wrong_name", "elsewhere")
    Authority(directory, "other_ca").sign("stranger", "here_localhost")


main()
