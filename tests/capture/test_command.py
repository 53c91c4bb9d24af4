"""``cevents capture`` as a process: its options, its ends, and what it says."""

import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from in_process import cevents
from processes import CEVENTS, arrives
from receivers import event, listening, numbers

posix = pytest.mark.skipif(sys.platform == "win32", reason="has other signals")


def post(address: str, body: bytes, **options: object) -> int:
    try:
        with urllib.request.urlopen(address, body, timeout=30, **options) as answer:  # type: ignore[arg-type]
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name one to receive from"),
        (["sqs://a", "--listen", "127.0.0.1:0"], "name one to receive from"),
        (["kafka://a"], "this is no queue: write sqs://NAME"),
        (["sqs://"], "this is no queue"),
        (["--listen", "127.0.0.1"], "write HOST:PORT"),
        (["--listen", "::1:80"], "write HOST:PORT"),
        (["--listen", "127.0.0.1:70000"], "write HOST:PORT"),
        (["--listen", "192.0.2.1:0"], "--listen 192.0.2.1:0: "),
        (["--listen", "127.0.0.1:0", "--path", "hook"], "a path begins with /"),
        (["--listen", "127.0.0.1:0", "--token", " "], "the token is empty"),
        (["--listen", "127.0.0.1:0", "--jwks", "missing.json"], "cannot read the keys in missing.json"),
        (["--listen", "127.0.0.1:0", "--jwks", "http://127.0.0.1:1/keys"], "http://127.0.0.1:1/keys: cannot read"),
        (["--listen", "127.0.0.1:0", "--tls-cert", "missing.pem"], "cannot use this certificate and key"),
        (["--listen", "127.0.0.1:0", "--tls-key", "key.pem"], "--tls-key takes a --tls-cert"),
        (["sqs://a", "--jwks", "keys.json"], "--jwks takes --listen"),
        (["sqs://a", "--token", "x"], "--token takes --listen"),
        (["sqs://a", "--tls-cert", "missing.pem"], "--tls-cert takes --listen"),
        (["--listen", "127.0.0.1:0", "--delete", "-o", "kept"], "--delete takes a queue"),
        (["--listen", "127.0.0.1:0", "--receivers", "2"], "--receivers takes a queue"),
        (["--listen", "127.0.0.1:0", "--strict"], "--strict takes --validate"),
        (["--listen", "127.0.0.1:0", "--for", "10"], "'10' is no DURATION"),
        (["--listen", "127.0.0.1:0", "--for", "-1m"], "over before it begins"),
        (["--listen", "127.0.0.1:0", "--metrics", "schema.json", "--envelope", "schema.json"], "which is read"),
        (["--listen", "127.0.0.1:0", "-o", "schema.json"], "-o schema.json: cannot write: File exists"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schema.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    code, _, stderr = cevents("capture", "-q", *arguments, as_user=True)
    assert (code, stderr.count(b"\n")) == (2, 1)
    assert said in stderr.decode()


def test_what_goes_into_a_pipe_may_be_lost() -> None:
    done = subprocess.run([*CEVENTS, "capture", "sqs://a", "--delete"], capture_output=True, text=True, check=False)
    told = "cevents: --delete takes -o DIR: what goes into a pipe is not on disk\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [("boto3", ["sqs://a"], "sqs"), ("uvicorn", ["--listen", "127.0.0.1:0"], "listen")],
)
def test_without_the_extra(module: str, arguments: list[str], extra: str) -> None:
    program = (
        f"import sys; sys.modules['{module}'] = None; from canvas_events_cli.__main__ import main;"
        f"sys.argv = ['cevents', 'capture', *{arguments}]; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"the extra {extra} brings them" in done.stderr
    assert done.stderr.count("\n") == 1


def test_lines_come_at_once_and_findings_too() -> None:
    with listening("--validate", "-n", "2") as (process, address):
        assert post(address, event(1)) == 200
        assert arrives(process) == event(1) + b"\n"
        assert post(address, b'{"a":\n1}') == 200
        out, err = process.communicate(timeout=30)
        assert out == b'{"a":1}\n'
        assert b"<stdout>:2: (none) /metadata required" in err
        assert err.decode().splitlines()[-1].startswith("2 kept, 2 events, 0 of them redelivered, 1 invalid")
        assert process.returncode == 0


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_finish_what_is_in_hand(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with listening("-o", str(tmp_path)) as (process, address):
        assert post(address, event(1)) == 200
        process.send_signal(number)
        assert process.wait(30) == code
    assert numbers(tmp_path) == ["1"]


def test_it_stops_after_a_while() -> None:
    with listening("--for", "1s", "-q") as (process, _):
        assert process.wait(30) == 0


@posix
def test_nobody_reads_any_more() -> None:
    with listening() as (process, address):
        assert process.stdout is not None
        process.stdout.close()
        assert post(address, event(1)) == 503
        assert process.wait(30) == 141


@posix
def test_files_that_may_not_grow_are_told_and_recovered_from(tmp_path: Path) -> None:
    import resource

    limit = 20_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    statuses = []
    with listening("-o", str(tmp_path), preexec_fn=limited) as (process, address):
        for number in range(40):
            statuses.append(post(address, event(number, status=os.urandom(400).hex())))
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert set(statuses) == {200, 503}
    assert err.count(b"cannot write: File too large") == err.count(b"writing again") == statuses.count(503)
    assert numbers(tmp_path) == [str(number) for number, status in enumerate(statuses) if status == 200]


def test_a_token_from_the_environment_and_whoever_may_send(tmp_path: Path) -> None:
    environment = os.environ | {"CEVENTS_CAPTURE_TOKEN": "secret"}
    with listening("-o", str(tmp_path), env=environment) as (_, address):
        assert [post(f"{address}/{path}", event(1)) for path in ("secret", "other")] == [200, 401]


def test_tls(tmp_path: Path) -> None:
    certificate, key = certificate_and_key(tmp_path)
    with listening("-o", str(tmp_path / "events"), "--tls-cert", certificate, "--tls-key", key) as (_, address):
        assert address.startswith("https://127.0.0.1:")
        assert post(address, event(1), context=ssl.create_default_context(cafile=certificate)) == 200
    assert numbers(tmp_path / "events") == ["1"]


def certificate_and_key(folder: Path) -> tuple[str, str]:
    """Write a certificate for 127.0.0.1 and its key."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_what_is_refused_is_told_once_and_counted(tmp_path: Path) -> None:
    metrics = tmp_path / "capture.prom"
    with listening("--path", "/hook", "--metrics", str(metrics), "-n", "1") as (process, address):
        assert [post(f"{address}/other", event(1)) for _ in range(3)] == [404] * 3
        assert post(f"{address}/hook", b"no JSON") == 400
        assert post(f"{address}/hook", event(1)) == 200
        err = process.communicate()[1].decode()
    assert err.count("refused a request with 404: nothing is here") == err.count("refused a request with 400: ") == 1
    assert err.endswith(" malformed, 4 requests refused\n")
    assert 'cevents_capture_refused_total{status="404"} 3\n' in metrics.read_text()


def test_metrics_are_there_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    metrics = tmp_path / "capture.prom"
    with listening("-o", str(tmp_path / "events"), "--metrics", str(metrics), "-n", "2") as (process, address):
        assert "cevents_capture_events_total 0\n" in metrics.read_text()
        assert [post(address, event(1)) for _ in range(2)] == [200, 200]
        assert process.wait(30) == 0
    assert "cevents_capture_redelivered_total 1\n" in metrics.read_text()
