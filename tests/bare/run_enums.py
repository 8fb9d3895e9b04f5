"""Enumerations are types of their own with a fixed width."""

from __future__ import annotations

from bare import Array, Enum8, Enum16, Enum32, array, size_of, struct, u8, u16, u32


class Colour(Enum8):
    """A byte."""

    RED = 1
    GREEN = 2
    BLUE = 4


class Port(Enum16):
    """Two bytes."""

    HTTP = 80
    ALTERNATE = 8080


class Magic(Enum32):
    """Four bytes."""

    ELF = 0x464C457F


@struct
class Pixel:
    """Has an enumeration as a field."""

    colour: Colour = Colour.GREEN
    port: Port = Port.HTTP


def next_colour(colour: Colour) -> Colour:
    """Goes round."""
    if colour == Colour.BLUE:
        return Colour.RED
    return Colour(u8(colour) * 2)


def main() -> None:
    """Converts, compares, stores."""
    pixel = Pixel()
    print(pixel.colour, pixel.port, Magic.ELF)
    print(u8(pixel.colour), u16(Port.ALTERNATE), f"{u32(Magic.ELF):x}")
    pixel.colour = next_colour(pixel.colour)
    print(pixel.colour, next_colour(pixel.colour), pixel.colour != Colour.RED)
    print(size_of(Colour), size_of(Port), size_of(Magic), size_of(Pixel))
    colours: Array[Colour] = array(2)
    colours[0] = Colour.RED
    colours[1] = Colour.BLUE
    for colour in colours:
        print(colour, end=" ")
    print(Colour(2) == Colour.GREEN)
