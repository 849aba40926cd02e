#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Build for aarch64 with warnings as errors, and start the result under qemu. It knows the
# calls of x86-64 alone: what it has to do there is to say so.
# Usage: tests/cross.sh [BUILD_FOLDER]; needs Debian, and its archive the first time.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath -m "${1:-build-aarch64}")
sysroot=$build/sysroot

fail() {
    echo "cross.sh: $*" >&2
    exit 1
}

install_tools() {
    local missing=() package
    for package in gcc-aarch64-linux-gnu g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static pkgconf; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    fi
}

# apt-get for the other architecture, with lists of its own: those of this machine stay as they are.
foreign_apt() {
    apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root \
        -o Dir::State::Lists="$build/apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$build/apt/cache" "$@"
}

# The libraries are unpacked into a folder: installed beside our own ones they would bring
# other versions of many packages with them.
fetch_libraries() {
    local packages=(libseccomp-dev libseccomp2 liburing-dev liburing2 libcjson-dev libcjson1 libyajl-dev libyajl2
        libmxml-dev libmxml1 libtomlplusplus-dev nettle-dev libnettle8 libunistring-dev libunistring2 libpcre2-dev libpcre2-8-0 uthash-dev
        libdw-dev libdw1 libelf-dev libelf1 libiberty-dev zlib1g-dev zlib1g liblzma-dev liblzma5 libbz2-dev libbz2-1.0)
    rm -rf "$build/apt" "$sysroot.new"
    mkdir -p "$build/apt/lists/partial" "$build/apt/cache/archives/partial" "$build/apt/packages" "$sysroot.new"
    foreign_apt update
    (cd "$build/apt/packages" && foreign_apt download "${packages[@]}")
    local package
    for package in "$build"/apt/packages/*.deb; do
        dpkg-deb -x "$package" "$sysroot.new"
    done
    mv "$sysroot.new" "$sysroot"
    rm -rf "$build/apt"
}

# run STATUS WORDS ARGUMENT...: what was built, which ends with this status and says these words.
run() {
    local expected=$1 words=$2 status=0 output
    shift 2
    output=$(qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$sysroot/usr/lib/aarch64-linux-gnu" \
        "$build/build/renacer-sv" "$@" 2>&1) || status=$?
    [ "$status" -eq "$expected" ] || fail "renacer-sv $* ended with $status, not $expected: $output"
    grep -q -- "$words" <<<"$output" || fail "renacer-sv $* does not say '$words': $output"
}

install_tools
[ -d "$sysroot" ] || fetch_libraries
printf "[constants]\nsysroot = '%s'\n" "$sysroot" >"$build/sysroot.ini"
rm -rf "$build/build"
meson setup "$build/build" --cross-file "$build/sysroot.ini" --cross-file tests/aarch64.ini --werror \
    -Dtests=disabled >/dev/null
ninja -C "$build/build" --quiet
run 0 "^renacer-sv [0-9]" --version
run 0 "^Usage: renacer-sv " --help
run 125 "this build knows only the system calls of x86-64" -- /bin/true
for engine in notify ptrace notify-only; do
    run 125 "this build knows only the system calls of x86-64" --engine "$engine" -- /bin/true
done
run 1 "^engine: none (.*this build knows only the system calls of x86-64" doctor
echo "cross.sh: built for aarch64, and starts there"
