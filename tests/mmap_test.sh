#!/bin/sh
exec "$(dirname "$0")/../swos" test tests/guest/test_mmap.py
