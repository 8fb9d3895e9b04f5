#!/bin/sh
exec "$(dirname "$0")/../swos" names uefi_boot_test.sh
