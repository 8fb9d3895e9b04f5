"""Make, sign and check model bundles: pack, keygen, sign, verify, inspect.

A bundle is what `llm` and `llmd` load: weights and a tokenizer, or a GGUF file, and a manifest
with sizes and hashes, signed. The image holds the public key (base/etc/swos/model-signing.pub);
the private key is nowhere in the repository. With a key of your own: keygen, copy the .pub there,
sign the bundles.
"""

from pathlib import Path

import click

from swiftos import bundle as bundles
from swiftos import paths

FOLDER = click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command()
@FOLDER
@click.option("--name", required=True, help="The family: the folder above the generations.")
@click.option("--generation", type=click.IntRange(0, 1 << 40), default=1, show_default=True)
@click.option("--format", "format_name", help="What the manifest calls it; found out otherwise.")
@click.option("--model", type=FILE, required=True, help="The weights: GGUF or llama2.c.")
@click.option("--tokenizer", type=FILE, help="Of llama2.c weights; a GGUF file has its own.")
def pack(
    folder: Path,
    name: str,
    generation: int,
    format_name: str | None,
    model: Path,
    tokenizer: Path | None,
) -> None:
    """Make a bundle of weights and a tokenizer; sign it afterwards."""
    files = {"model": model}
    if tokenizer is not None:
        files["tokenizer"] = tokenizer
    made = bundles.pack(folder, name, generation, format_name or bundles.format_of(model), files)
    click.echo(f"{paths.relative(made.folder)}: packed, not signed")


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
def keygen(file: Path) -> None:
    """Make a key pair: FILE, to be kept secret, and FILE.pub for the image."""
    public = bundles.make_key(file)
    click.echo(f"{file}: private key; {public}: public key")


@command.command()
@FOLDER
@click.option("--key", type=FILE, required=True, help="The private key.")
def sign(folder: Path, key: Path) -> None:
    """Sign a bundle's manifest, in place of any signature that it has."""
    signed = bundles.sign(bundles.read(folder), bundles.read_private(key))
    click.echo(f"{paths.relative(signed.folder)}: signed")


@command.command()
@FOLDER
@click.option("--key", type=FILE, default=bundles.TRUST_ROOT, help="The image's unless given.")
def verify(folder: Path, key: Path) -> None:
    """Check signature, sizes and hashes as the guest does."""
    bundle = bundles.read(folder)
    bundles.check_signature(bundle, bundles.read_public(key))
    bundles.check_files(bundle)
    click.echo(f"{paths.relative(folder)}: verified (ed25519+sha256)")


@command.command()
@FOLDER
def inspect(folder: Path) -> None:
    """Print what the manifest says."""
    bundle = bundles.read(folder)
    values = bundle.values
    click.echo(f"{values['name']} generation {values['generation']}, {values.get('format', '?')}")
    for part in bundle.parts:
        record = values["file"][part]
        click.echo(f"{part:<9} {record['path']} {record['size']:,} bytes, {record['sha256']}")
    click.echo("signed" if bundle.signature else "not signed")
