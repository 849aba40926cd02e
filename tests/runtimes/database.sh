#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A PostgreSQL server from its birth to its end: database.sh BIN FOLDER TRANSACTIONS. Prints what is the same in every
# run, its log among that. Signals, latches, shared memory and timers are how its processes speak with each other.
set -eu
bin=$1
folder=$2
transactions=$3
export PGHOST="$folder" PGUSER=postgres PGDATABASE=postgres PGTZ=UTC LC_ALL=C
query() {
    "$bin/psql" -X -A -t -q "$@"
}

"$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-locale --data-checksums --no-sync >"$folder/initdb"
grep -E 'creating|ok$' "$folder/initdb" | sed "s#$folder#FOLDER#" | grep -v selecting
cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
shared_buffers = 8MB
log_line_prefix = '%b: '
log_checkpoints = off
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
parallel_tuple_cost = 0
END
"$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 120 start | tail -n 1
"$bin/pgbench" -i -s 1 -q 2>/dev/null
"$bin/pgbench" -n -c 4 -j 2 -t "$transactions" | grep -E '^number of (clients|transactions|failed)'
echo "balances"
query -c "select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history),
    (select sum(bbalance) from pgbench_branches) = (select sum(tbalance) from pgbench_tellers),
    (select sum(bbalance) from pgbench_branches) = (select sum(delta) from pgbench_history),
    (select count(*) from pgbench_history)"
echo "in parallel"
query -c "explain (costs off) select count(*) from pgbench_accounts where abalance < 100000" \
    -c "select count(*) from pgbench_accounts where abalance < 100000"
echo "time limits"
query -c "set statement_timeout = 100" -c "select pg_sleep(60)" 2>&1 || true
echo "a lock that another one holds until it is told to stop"
query -c "begin" -c "lock table pgbench_tellers" -c "select pg_sleep(600)" >"$folder/holder" 2>&1 &
held="from pg_locks where relation = 'pgbench_tellers'::regclass and granted and mode = 'AccessExclusiveLock'"
until [ "$(query -c "select count(*) $held")" = 1 ]; do
    sleep 0.05
done
query -c "set lock_timeout = 50" -c "select count(*) from pgbench_tellers" 2>&1 || true
query -c "select pg_cancel_backend(pid) $held"
wait
cat "$folder/holder"
echo "messages"
query -c "listen news" -c "notify news, 'first'" -c "select 1" | sed 's/PID [0-9]*/PID/'
echo "one of its processes is killed: all others end, and the server recovers"
query -c "select pg_sleep(600)" >"$folder/killed" 2>&1 &
sleeping="from pg_stat_activity where query = 'select pg_sleep(600)'"
until [ "$(query -c "select count(*) $sleeping")" = 1 ]; do
    sleep 0.05
done
kill -KILL "$(query -c "select pid $sleeping")"
wait
cat "$folder/killed"
until grep -q reinitializing "$folder/log"; do
    sleep 0.05
done
until query -c "select count(*) from pgbench_history" 2>/dev/null; do
    sleep 0.05
done
"$bin/pg_ctl" -D "$folder/data" -w -t 120 -m smart stop | tail -n 1
"$bin/pg_checksums" -D "$folder/data" --check | grep -E '^Bad|enabled' || true
"$bin/pg_controldata" -D "$folder/data" | grep 'cluster state'
# Who recovers says how long it took and how far it went. Clients may ask too early, and may be gone before the server
# knows it.
grep -vE '^startup: |^client backend: (FATAL|DETAIL|LOG)' "$folder/log" | sed 's/PID [0-9]*/PID/'
