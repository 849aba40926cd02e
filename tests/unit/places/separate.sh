#!/bin/sh
# SPDX-License-Identifier: MIT
#
# separate.sh OBJCOPY SOURCE FOLDER COMPILER...: programs whose debug information is elsewhere, or nowhere.
set -eu
objcopy=$1 source=$2 folder=$3
shift 3
whole=$folder/places-whole
"$@" -gdwarf-5 -O2 "$source" -o "$whole"
for kind in linked nothing; do
    "$objcopy" --only-keep-debug "$whole" "$folder/places-$kind.debug"
    "$objcopy" --strip-all --remove-section .note.gnu.build-id --add-gnu-debuglink="$folder/places-$kind.debug" \
        "$whole" "$folder/places-$kind"
done
printf x >>"$folder/places-nothing.debug"
"$objcopy" --strip-debug "$whole" "$folder/places-symbols"
"$@" -gdwarf-5 -O2 -gsplit-dwarf -c "$source" -o "$folder/places-skeleton.o"
"$@" "$folder/places-skeleton.o" -o "$folder/places-skeleton"
rm "$folder/places-skeleton.dwo" "$whole"
