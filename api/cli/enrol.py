"""`onecard enrol gateway ID`: the key pair, the configuration file and the register in one step."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from api.cli._failure import Failure
from api.launch import data_home

MAC_KEY_BYTES = 16  # AES-128
DEFAULT_POS_LISTEN = "0.0.0.0:8002"  # terminals come from the canteens' network

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Let a device gateway in.")


@app.callback()
def _enrol() -> None:
    """Let a device gateway in."""


@app.command()
def gateway(
    gateway_id: Annotated[str, typer.Argument(metavar="ID", help="Its id: letters, digits, - and _.")],
    api_url: Annotated[str, typer.Option(help="Where it reaches the API: https://card.example.edu.cn")],
    name: Annotated[str, typer.Option(help="What people call it; default: its id.")] = "",
    terminal: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER", help="A terminal to make a MAC key for, beside those in the register."
        ),
    ] = None,
    pos_listen: Annotated[
        str | None,
        typer.Option(help=f"HOST:PORT for the terminals; default: as it was, at first {DEFAULT_POS_LISTEN}."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The file to write; default: gateway/gateway.json in the data folder.")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a new key pair; the old one ends at once.")
    ] = False,
) -> None:
    """Make its keys, write its configuration (0600) and register its public key.

    Safe to repeat: keys that are there stay, terminals that are new get theirs.
    """
    if re.fullmatch(r"[0-9A-Za-z_-]{1,64}", gateway_id) is None:
        raise Failure(f"{gateway_id!r} is no gateway id.", "Take letters, digits, - and _, at most 64.")
    for number in terminal or ():
        if re.fullmatch(r"[0-9]{8}", number) is None:
            raise Failure(f"{number!r} is no terminal number.", "It has eight digits (DE41).")
    path = config or data_home() / "gateway" / "gateway.json"
    known = _read(path, gateway_id)
    key = _private_key(known, new_key=new_key)
    mac_keys: dict[str, dict[str, str]] = known.get("terminals", {})
    content = {
        "journal": "journal.db",
        **known,
        "gatewayId": gateway_id,
        "privateKeyPem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "apiUrl": api_url,
        "posListen": pos_listen or known.get("posListen", DEFAULT_POS_LISTEN),
        "terminals": mac_keys,
    }
    # Written before it is registered: a key that only the register knew could never be used.
    _write(path, content)
    numbers = asyncio.run(_register(gateway_id, name or gateway_id, key))
    added = [number for number in dict.fromkeys([*numbers, *(terminal or ())]) if number not in mac_keys]
    for number in added:
        mac_keys[number] = {"macKeyHex": secrets.token_hex(MAC_KEY_BYTES)}
    _write(path, content)
    typer.echo(f"{gateway_id} is enrolled with {len(mac_keys)} terminals ({len(added)} new).")
    typer.echo(f"Its keys are in {path}; load each terminal's key into it, then:")
    typer.echo(f"  onecard gateway --config {path}")


def _read(path: Path, gateway_id: str) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        known: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise Failure(f"{path} is no JSON.", "Mend it, or name another file with --config.") from None
    if known.get("gatewayId") != gateway_id:
        raise Failure(
            f"{path} belongs to the gateway {known.get('gatewayId')}.", "Name another file with --config."
        )
    return known


def _private_key(known: dict[str, Any], *, new_key: bool) -> Ed25519PrivateKey:
    if not known or new_key:
        return Ed25519PrivateKey.generate()
    key = load_pem_private_key(known["privateKeyPem"].encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Failure("Its private key is no Ed25519 key.", "Make a new one with --new-key.")
    return key


async def _register(gateway_id: str, name: str, key: Ed25519PrivateKey) -> list[str]:
    from api.cli._settings import read_settings
    from onecard.actions.enrol_gateway import enrol_gateway
    from onecard.bootstrap import open_records

    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    async with open_records(read_settings(), application_name="onecard enrol") as records:
        return await enrol_gateway(
            records, gateway_id=gateway_id, name=name, public_key_pem=public, actor=f"cli:{getpass.getuser()}"
        )


def _write(path: Path, content: dict[str, Any]) -> None:
    """0600 from its first byte on, and whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
