"""devfs: the directory `/dev`, one inode for each device that the kernel offers."""
