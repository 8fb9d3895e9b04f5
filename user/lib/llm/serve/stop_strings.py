"""`StopStrings`: texts at which a completion ends, found across the tokens that make them up."""

from __future__ import annotations

from bare import Array, Bytes, array, struct, u8, u32, usize

MOST_STOPS = 4
MOST_STOP_BYTES: usize = 64


@struct
class StopStrings:
    """Up to four strings of up to 64 bytes."""

    lengths: Array[u8] = array(MOST_STOPS)
    texts: Array[u8] = array(MOST_STOPS * MOST_STOP_BYTES)
    count: u32 = 0
    scratch: Array[u8] = array(MOST_STOP_BYTES + 4)
    """Room for a string that may be added."""

    def clear(self) -> None:
        """Has none."""
        self.count = 0

    def add(self, text: Bytes) -> bool:
        """Takes one more; False where there is no room for it, or it is empty."""
        if self.count == MOST_STOPS or len(text) == 0 or len(text) > MOST_STOP_BYTES:
            return False
        start = usize(self.count) * MOST_STOP_BYTES
        self.texts[start : start + len(text)].copy_from(text)
        self.lengths[self.count] = u8(len(text))
        self.count += 1
        return True

    def get(self, index: u32) -> Bytes:
        """Returns one of them."""
        start = usize(index) * MOST_STOP_BYTES
        return self.texts[start : start + self.lengths[index]]

    def find(self, text: Bytes) -> usize:
        """Returns where the first of them that occurs in `text` begins, or the length."""
        for place in range(len(text)):
            for index in range(self.count):
                stop = self.get(index)
                if len(text) - place >= len(stop) and text[place : place + len(stop)] == stop:
                    return place
        return len(text)

    def safe_length(self, text: Bytes) -> usize:
        """Returns how much of `text`, in which none occurs, comes before the place where one may
        have begun.
        """
        safe = len(text)
        for index in range(self.count):
            stop = self.get(index)
            for size in range(1, min(len(stop), len(text) + 1)):
                if text[len(text) - size :] == stop[:size]:
                    safe = min(safe, len(text) - size)
        return safe
