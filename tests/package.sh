#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The Debian package of what is committed: builds from a clean clone, passes
# lintian, installs, runs, and goes without a trace. Needs root; works in a
# temporary folder that it removes.
set -euo pipefail
cd "$(dirname "$0")/.."

say() {
    echo "package: $*"
}

fail() {
    say "$*" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail "this installs a package and needs root"
if dpkg-query -W -f '${Status}' renacer-sv 2>/dev/null | grep -q "ok installed"; then
    fail "renacer-sv is installed already; that is somebody else's and stays"
fi

folder=$(mktemp -d)
installed=""
clean_up() {
    if [ -n "$installed" ]; then
        dpkg -r renacer-sv >/dev/null || true
    fi
    rm -rf "$folder"
}
trap clean_up EXIT

# quietly NAME COMMAND...: say what it printed only if it fails.
quietly() {
    local name=$1
    shift
    "$@" >"$folder/log" 2>&1 || {
        cat "$folder/log" >&2
        fail "$name failed"
    }
}

say "build from a clean clone"
git clone --quiet --no-hardlinks . "$folder/renacer-sv"
cd "$folder/renacer-sv"
quietly "the build" dpkg-buildpackage -us -uc -b
grep -q '^Ok: *[1-9]' "$folder/log" || fail "the build has not run the unit tests"
[ -z "$(git status --porcelain)" ] || fail "the build leaves files that git does not ignore: $(git status --porcelain)"
cd "$folder"

say "lintian"
quietly lintian lintian --allow-root --fail-on error,warning ./renacer-sv_*.changes

say "install"
installed=yes
# Small images leave manual pages out.
quietly "the installation" dpkg --path-include='/usr/share/man/*' --path-include='/usr/share/doc/*' -i ./renacer-sv_*.deb
hash -r
[ "$(command -v renacer-sv)" = /usr/bin/renacer-sv ] || fail "renacer-sv is not in /usr/bin"

say "run"
renacer-sv -c true 2>"$folder/table"
tail -n 1 "$folder/table" | grep -q '^100\.00 .* total$' || fail "the table does not end with the total: $(cat "$folder/table")"
for page in renacer-sv:1 renacer-sv-agent:1 renacer-sv-check:1 renacer-sv-compare:1 renacer-sv-golden:1 renacer-json-v1:5; do
    man -w "${page#*:}" "${page%:*}" >/dev/null || fail "there is no manual page ${page%:*}(${page#*:})"
done
# shellcheck disable=SC2016
offered=$(bash --norc -c '
    if [ -f /usr/share/bash-completion/bash_completion ]; then
        . /usr/share/bash-completion/bash_completion
        _completion_loader renacer-sv || [ $? -eq 124 ]
    else
        . /usr/share/bash-completion/completions/renacer-sv
    fi
    COMP_WORDS=(renacer-sv --fo) COMP_CWORD=1 COMP_LINE="renacer-sv --fo" COMP_POINT=15
    _renacer_sv renacer-sv --fo renacer-sv
    echo "${COMPREPLY[*]}"')
[ "$offered" = "--format --folded --follow-forks" ] || fail "bash completes --fo to '$offered'"
[ -f /usr/share/zsh/vendor-completions/_renacer-sv ] || fail "there is no completion for zsh"
for unit in /lib/systemd/system /usr/lib/systemd/user; do
    [ -f $unit/renacer-sv-agent.socket ] || fail "$unit has no socket for the agent"
    grep -q '^ExecStart=/usr/bin/renacer-sv agent ' $unit/renacer-sv-agent.service || fail "$unit has no service for the agent"
done

say "remove"
files=$(dpkg -L renacer-sv)
quietly "the removal" dpkg -r renacer-sv
installed=""
for file in $files; do
    if [ -f "$file" ]; then
        fail "$file is left"
    fi
done
say "ok"
