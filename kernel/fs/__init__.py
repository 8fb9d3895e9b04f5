"""Files: open files and descriptors, inodes, path walk, mounts, the page cache, one folder a file
system.

Knows block devices and character devices by interface only. Does not know processes: credentials,
the start of a walk and the buffers come in as parameters.
"""
