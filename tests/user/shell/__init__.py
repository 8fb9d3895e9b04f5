"""The shell: parser, patterns, arithmetic and line editor, in the checked execution."""
