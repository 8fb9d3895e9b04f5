"""Look into a base image: ls, cat, tree, verify."""

import stat
import sys
from pathlib import Path

import click

from abi import baseimage as layout
from swiftos import paths
from swiftos.baseimage import BaseImage, Node
from swiftos.errors import UsageError

IMAGE_OPTION = click.option(
    "-i",
    "--image",
    type=click.Path(dir_okay=False, path_type=Path),
    default=paths.BASE_IMAGE,
    help="The image file; the built one when left out.",
)


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("ls")
@IMAGE_OPTION
@click.argument("path", default="/")
def list_path(image: Path, path: str) -> None:
    """List a directory, or one file."""
    opened = BaseImage.open(image)
    node = _find(opened, path)
    listed = opened.children(node) if node.kind == layout.MODE_DIRECTORY else [node]
    for entry in listed:
        click.echo(_line(opened, entry))


@command.command("cat")
@IMAGE_OPTION
@click.argument("path")
def print_file(image: Path, path: str) -> None:
    """Write a file's content to standard output."""
    opened = BaseImage.open(image)
    node = _find(opened, path)
    if node.kind == layout.MODE_DIRECTORY:
        raise UsageError(f"{path} is a directory", f"./swos image ls {path}")
    sys.stdout.buffer.write(opened.read(node))


@command.command("tree")
@IMAGE_OPTION
def print_tree(image: Path) -> None:
    """Print every path with its mode and size."""
    opened = BaseImage.open(image)
    for path, node in opened.walk():
        click.echo(f"{stat.filemode(node.mode)} {node.size:>9} {path}{_target(opened, node)}")


@command.command("verify")
@IMAGE_OPTION
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def verify(image: Path, file: Path | None) -> None:
    """Check the superblock, every node and every data page of FILE or the built image."""
    image = file or image
    opened = BaseImage.open(image)
    opened.verify()
    block = opened.superblock
    click.echo(
        f"{paths.relative(image)}: good, {block.node_count} nodes, {block.total_pages} pages, "
        f"build id {block.build_id.hex()[:16]}"
    )


def _find(image: BaseImage, path: str) -> Node:
    node = image.find(path)
    if node is None:
        raise UsageError(f"{path} is not in the image", "./swos image tree")
    return node


def _line(image: BaseImage, node: Node) -> str:
    name = image.name(node).decode("utf-8", "backslashreplace") or "/"
    owner = f"{node.uid} {node.gid}"
    return f"{stat.filemode(node.mode)} {node.nlink:>3} {owner} {node.size:>9} {name}" + _target(
        image, node
    )


def _target(image: BaseImage, node: Node) -> str:
    if node.kind != layout.MODE_SYMLINK:
        return ""
    return " -> " + image.read(node).decode("utf-8", "backslashreplace")
