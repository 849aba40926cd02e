#!/bin/sh
# SPDX-License-Identifier: MIT
#
# libc.sh FOLDER PROGRAM COMPILER...: a program with a part that is compiled as in the folder of a C library's source.
set -eu
folder=$(cd "$1" && pwd) program=$2
shift 2
library=$program.source
mkdir -p "$library/csu"
cp "$folder/libc-start.c" "$folder/mark.h" "$library/csu"
library=$(cd "$library" && pwd)
"$@" -gdwarf-5 -O1 -c "$folder/places.c" -o "$program.o"
(cd "$library/csu" && "$@" -gdwarf-5 -O1 -c ../csu/libc-start.c -o libc-start.o)
"$@" "$program.o" "$library/csu/libc-start.o" -o "$program"
