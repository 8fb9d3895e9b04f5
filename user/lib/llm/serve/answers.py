"""What is answered: text as JSON strings, events, and the numbers behind a completion."""

from __future__ import annotations

from bare import Bytes, Writer, struct, text, u64, usize, write_to
from user.lib.llm.serve.generation import Generation, stop_type_name

NS_PER_MS: u64 = 1_000_000
NS_PER_SECOND: u64 = 1_000_000_000
FIRST_PRINTABLE = 0x20
QUOTE = ord('"')
BACKSLASH = ord("\\")
NEWLINE = ord("\n")


@struct
class Timings:
    """When the parts of a completion were done, by the monotonic clock in nanoseconds."""

    received_ns: u64 = 0
    """The whole request was there."""
    begun_ns: u64 = 0
    """Its turn came: the first token of the prompt."""
    first_ns: u64 = 0
    """The first token of the text was there."""
    ended_ns: u64 = 0

    def first_token_ms(self) -> u64:
        """Returns the time to the first token, from the whole request on; waiting is part of it."""
        return rounded_ms(self.first_ns, self.received_ns)

    def tokens_per_second(self, tokens: u64) -> u64:
        """Returns the rate of the text's tokens, from the prompt's end on."""
        elapsed = max(self.ended_ns, self.first_ns + 1) - self.first_ns
        intervals = max(tokens, 1) - 1
        return (intervals * NS_PER_SECOND + elapsed // 2) // elapsed


def rounded_ms(end_ns: u64, start_ns: u64) -> u64:
    """Returns an interval in whole milliseconds."""
    return (max(end_ns, start_ns) - start_ns + NS_PER_MS // 2) // NS_PER_MS


def write_escaped(out: Writer, data: Bytes) -> None:
    """Writes what stands between the quotes of a JSON string; `data` is UTF-8."""
    start: usize = 0
    for place in range(len(data)):
        byte = data[place]
        if byte >= FIRST_PRINTABLE and byte != QUOTE and byte != BACKSLASH:
            continue
        out.write(data[start:place])
        start = place + 1
        if byte == NEWLINE:
            out.write(b"\\n")
        elif byte >= FIRST_PRINTABLE:
            out.write(b"\\")
            out.write(data[place : place + 1])
        else:
            write_to(out, f"\\u{byte:04x}")
    out.write(data[start:])


def write_json_error(out: Writer, code: u64, message: Bytes) -> None:
    """Writes an error as llama.cpp's server does."""
    write_to(out, f'{{"error":{{"code":{code},"message":"')
    write_escaped(out, message)
    out.write(b'"}}\n')


def write_event_start(out: Writer) -> None:
    """Begins a server-sent event with a piece of text."""
    out.write(b'data: {"content":"')


def write_event_end(out: Writer) -> None:
    """Ends it."""
    out.write(b'","stop":false}\n\n')


def write_summary(out: Writer, generation: Generation, timings: Timings, seed: u64) -> None:
    """Writes the members that follow the text in the last object, and ends the object."""
    prompt_ns = max(timings.first_ns, timings.begun_ns) - timings.begun_ns
    text_ns = max(timings.ended_ns, timings.first_ns) - timings.first_ns
    stop_type = text(stop_type_name(generation.stop_type))
    write_to(out, f'","stop":true,"stop_type":"{stop_type}","seed":{seed}')
    write_to(out, f',"tokens_evaluated":{generation.prompt_tokens}')
    write_to(out, f',"tokens_predicted":{generation.written}')
    write_to(out, f',"timings":{{"prompt_n":{generation.prompt_tokens}')
    write_to(out, f',"prompt_ms":{prompt_ns // NS_PER_MS}.{prompt_ns % NS_PER_MS // 1000:03}')
    write_to(out, f',"predicted_n":{generation.written}')
    write_to(out, f',"predicted_ms":{text_ns // NS_PER_MS}.{text_ns % NS_PER_MS // 1000:03}}}}}')
