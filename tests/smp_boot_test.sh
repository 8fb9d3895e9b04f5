#!/bin/sh
exec "$(dirname "$0")/../swos" names smp_boot_test.sh
