# shellcheck shell=bash disable=SC2034
# shared by pg-up, pg-down and pg-failover; not a command
# Two nodes, a and b. Each one's data is in DIR/a and DIR/b; which one leads is asked of
# the servers themselves, and DIR/leader keeps it for when both are stopped.
set -Eeuo pipefail
export LC_ALL=C.UTF-8
unset PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS PGDATA PGTARGETSESSIONATTRS
ME=$(basename "$0")
PORT_A=${LAB_PG_PORT_A:-5451}
PORT_B=${LAB_PG_PORT_B:-5452}
DB=db OWNER=u REPL=repl
T0=$(date +%s.%N) STEP="starting" BLAME=""

took() { echo "$1 $(date +%s.%N)" | awk '{printf "%.1f", $2 - $1}'; }
die() {
  trap - ERR
  [ "$BASHPID" = $$ ] || exit 1   # in a subshell: let the main shell report
  echo "$ME: FAILED after $(took "$T0") s while $STEP${1:+: $1}" >&2
  local f
  for f in $BLAME; do
    [ -s "$f" ] && { echo "--- last lines of $f" >&2; tail -n 8 "$f" >&2; }
  done
  exit 1
}
err() { die "command failed: ${1%%$'\n'*}"; }
trap 'err "$BASH_COMMAND"' ERR
trap 'die "interrupted"' INT TERM

set_dir() {
  D=$(realpath -m -- "$1")
  case $D in *[[:space:]\']*) die "the folder's path must not have spaces or quotes: $D" ;; esac
  [ ${#D} -le 80 ] || die "the folder's path is too long for Unix sockets (80 characters at most): $D"
}
port() { if [ "$1" = a ]; then echo "$PORT_A"; else echo "$PORT_B"; fi; }
other() { if [ "$1" = a ]; then echo b; else echo a; fi; }

# the account that runs the servers: they refuse to run as root
set_account() {
  RUN=()
  RUNAS=$(id -un)
  [ "$(id -u)" = 0 ] || return 0
  RUNAS=${LAB_PG_ACCOUNT:-}
  [ -n "$RUNAS" ] || { if id postgres >/dev/null 2>&1; then RUNAS=postgres; else RUNAS=nobody; fi; }
  id "$RUNAS" >/dev/null 2>&1 || die "no account named $RUNAS"
  RUN=(setpriv --reuid "$(id -u "$RUNAS")" --regid "$(id -g "$RUNAS")" --clear-groups)
}
# run something as that account, from a folder it may enter, without the lock
as() { (cd "$D" && exec env HOME="$D" "${RUN[@]}" "$@" 9>&-); }

# the server's programs: in the folder that LAB_PG_BIN names
find_bin() {
  local c
  BIN=${LAB_PG_BIN:-}
  for c in initdb postgres pg_ctl pg_basebackup psql; do
    [ -x "$BIN/$c" ] || die "LAB_PG_BIN=$BIN lacks $c"
  done
}

pid_of() { # the running postmaster of node $1, if it is one
  local p
  p=$(head -n 1 "$D/$1/postmaster.pid" 2>/dev/null) || return 1
  [ -n "$p" ] && tr '\0' '\n' 2>/dev/null <"/proc/$p/cmdline" | grep -qxF -- "$D/$1" && echo "$p"
}
sql() { # sql NODE STATEMENT [DB]: as superuser over the node's socket; prints bare values
  as env PGOPTIONS='-c client_min_messages=warning' timeout 60 "$BIN/psql" -XAtq -v ON_ERROR_STOP=1 -h "$D/run" -p "$(port "$1")" -U postgres -d "${3:-postgres}" -c "$2"
}
role() { # leader, follower or down
  pid_of "$1" >/dev/null || { echo down; return; }
  case $(sql "$1" 'SELECT pg_is_in_recovery()' 2>/dev/null) in
    t) echo follower ;; f) echo leader ;; *) echo down ;;
  esac
}
until_ok() { # until_ok SECONDS COMMAND...: an idle machine's seconds; a busy one has five times as long
  local end=$((SECONDS + 5 * $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "gave up waiting"
    sleep 0.1
  done
}
orphans() { # processes of node $1 that outlived its postmaster
  local f
  for f in /proc/[0-9]*; do
    if grep -qs "^postgres: lab_$1:\? " "$f/cmdline" && [ "$(readlink "$f/cwd")" = "$D/$1" ]; then echo "${f#/proc/}"; fi
  done
}
clear_dead() { # after a kill -9: end the orphans, drop the lock files that name a dead process
  local k i p
  pid_of "$1" >/dev/null && return 0
  STEP="clearing what a killed node $1 left"
  for i in $(seq 50); do
    k=$(orphans "$1")
    [ -n "$k" ] || break
    # a backend in the middle of a query goes on until it ends, and could still commit
    if [ "$i" -ge 3 ]; then for p in $k; do kill -KILL "$p" 2>/dev/null || true; done; fi
    sleep 0.1
  done
  [ -z "$k" ] || die "processes of node $1 remain: $k"
  rm -f "$D/$1/postmaster.pid" "$D/run/.s.PGSQL.$(port "$1")" "$D/run/.s.PGSQL.$(port "$1").lock"
}
start_node() {
  clear_dead "$1"
  STEP="starting node $1 on port $(port "$1")"; BLAME="$D/log/$1.log"
  as "$BIN/pg_ctl" -D "$D/$1" -l "$D/log/$1.log" -w -t 180 start >"$D/log/pg_ctl" 2>&1 </dev/null ||
    die "$(tail -n 1 "$D/log/pg_ctl")"
}
stop_node() { # stop_node NODE MODE
  pid_of "$1" >/dev/null || return 0
  STEP="stopping node $1"; BLAME="$D/log/$1.log"
  as "$BIN/pg_ctl" -D "$D/$1" -m "$2" -w -t 120 stop >"$D/log/pg_ctl" 2>&1 </dev/null ||
    die "$(tail -n 1 "$D/log/pg_ctl")"
}
take_lock() {
  STEP="taking the lock"
  mkdir -p "$(dirname "$D")"
  exec 9>"$D.lock"
  flock -w 120 9 || die "another pg- script holds $D.lock"
}
write_env() { # the facts that tests want, for `. DIR/env`
  local l=$1
  cat >"$D/env" <<E
PG_URL=postgresql://$OWNER@127.0.0.1:$PORT_A,127.0.0.1:$PORT_B/$DB?target_session_attrs=read-write
PG_URL_ANY=postgresql://$OWNER@127.0.0.1:$PORT_A,127.0.0.1:$PORT_B/$DB
PG_LEADER=$l
PG_LEADER_PORT=$(port "$l")
PG_FOLLOWER_PORT=$(port "$(other "$l")")
PG_LEADER_PIDFILE=$D/$l/postmaster.pid
PG_FOLLOWER_PIDFILE=$D/$(other "$l")/postmaster.pid
LAB_PG_DIR=$D
E
  sed -i 's/=\(postgresql.*\)$/="\1"/' "$D/env"
  echo "$l" >"$D/leader"
}
