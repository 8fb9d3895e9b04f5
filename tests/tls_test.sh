#!/bin/sh
exec "$(dirname "$0")/../swos" names tls_test.sh
