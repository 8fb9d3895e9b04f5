"""The host tools behind `./swos`: build, run, test, image, measure. They know the compiler's entry
points and the image formats; they never import kernel or user modules."""
