#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build.sh SOURCE PROGRAM COMPILER ARGUMENT...: compile and link in two steps. In one, clang gives the .dwo files of all
# programs the same name.
set -eu
source=$1 program=$2
shift 2
"$@" -c "$source" -o "$program.o"
"$@" "$program.o" -o "$program" -Wl,--as-needed -lstdc++
