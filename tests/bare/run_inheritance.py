"""Single inheritance: the base's fields come first, a derived reference converts to its base."""

from __future__ import annotations

from bare import offset_of, struct, u8, u32


@struct
class Animal:
    """A base."""

    legs: u8
    weight: u32 = 10

    def describe(self) -> u32:
        """Returns a number."""
        return self.weight * self.legs

    def grow(self) -> None:
        """Gains weight."""
        self.weight += 1


@struct
class Dog(Animal):
    """Derived."""

    age: u8 = 2

    def describe(self) -> u32:
        """Adds to what the base says."""
        return super().describe() + self.age


@struct
class Puppy(Dog):
    """Derived again."""

    def bark(self) -> u32:
        """Uses what it inherits."""
        self.grow()
        return self.describe()


def weigh(animal: Animal) -> u32:
    """Takes any animal."""
    animal.grow()
    return animal.weight


def main() -> None:
    """Uses derived objects as their bases."""
    dog = Dog(4, 30)
    print(dog.legs, dog.weight, dog.age, dog.describe())
    print(weigh(dog), weigh(Animal(2)))
    puppy = Puppy(4, age=1)
    print(puppy.bark(), puppy.weight)
    animal: Animal = puppy
    print(animal.legs, animal is puppy)
    print(offset_of(Dog, "age") > offset_of(Animal, "weight"))
