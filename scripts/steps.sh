# shellcheck shell=bash
# Running the steps of ./test one after another: their names, times and first failure.
# Sourced, not run; `say` comes from environment.sh.

step_times=

# Microseconds since some moment. EPOCHREALTIME has the locale's decimal sign; old bash lacks it.
now() {
  local seconds=${EPOCHREALTIME:-$SECONDS.000000}
  echo "${seconds//[!0-9]/}"
}

# Prints the seconds since moment $1 as 1.2.
since() {
  local tenths=$((($(now) - $1) / 100000))
  echo "$((tenths / 10)).$((tenths % 10))"
}

started=$(now)

# step NAME COMMAND...: runs the command, and ends the whole run if it fails.
step() {
  local name=$1 began status=0
  shift
  began=$(now)
  say "$name ..."
  # A subshell with -e of its own: behind `||` the shell would ignore failures inside a function.
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set -e
  local took
  took=$(since "$began")
  step_times+="${step_times:+, }$name $took"
  if ((status != 0)); then
    say "FAILED at $name (exit $status) after $(since "$started") s; times in s: $step_times"
    exit "$status"
  fi
}

summary() { say "passed in $(since "$started") s; times in s: $step_times"; }
