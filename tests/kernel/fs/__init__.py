"""File systems, descriptors, path walk and the page cache."""
