"""Checks of the documents: links, commands, evidence behind figures, claims. It reads Markdown and
the stored records; it does not measure."""
