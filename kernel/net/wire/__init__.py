"""Wire formats: parses headers where they lie and builds them. Knows bytes, nothing else."""
