"""The integer engine: `int8` weights, activations, keys and values; sums in `i32`.

Every number of the network is an integer; a vector has one `f64` unit beside it, and those few are
all that is computed in floating point. So one order of summation is as good as another, and scalar,
vector and dot-product code, one token at a time or many, give the same bits.
"""
