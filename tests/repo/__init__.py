"""Rules of the repository that a program can check: layers, unsafe list, anchors, names, sizes."""
