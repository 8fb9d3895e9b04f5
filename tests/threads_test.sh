#!/bin/sh
exec "$(dirname "$0")/../swos" names threads_test.sh
