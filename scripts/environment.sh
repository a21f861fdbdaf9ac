# shellcheck shell=bash
# The virtual environment that ./run and ./test share. Sourced, not run.
#
# `environment_ready base` makes .venv hold requirements/base.txt and this checkout, editable;
# `environment_ready test` makes it hold requirements/test.txt too. Both return at once when
# that is so already. Two callers at once wait for one another. A killed installation leaves
# `.venv/unfinished`, and the next call then starts from nothing.
#
# The caller has set `root`, the checkout's absolute path. pip's own configuration (index, proxy,
# certificates) is left to the user; only what would break a virtual environment is turned off.

venv=${root:?}/.venv
pip=("$venv/bin/python" -m pip --disable-pip-version-check --no-input)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "$@"
  exit 1
}

# --- Python ----------------------------------------------------------------------------------

# Says whether command $1 runs (a version manager's shim may not) and is Python 3.11 or newer.
python_fits() {
  "$1" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Debian ships ensurepip in a package of its own.
python_has_venv() { "$1" -I -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Prints the Python to make .venv with: python3, else the newest python3.X, that fits and can make
# virtual environments; if none can, the first that fits.
find_python() {
  local minor candidate first=
  for minor in "" .{30..11}; do
    candidate=python3$minor
    python_fits "$candidate" || continue
    if python_has_venv "$candidate"; then
      echo "$candidate"
      return
    fi
    first=${first:-$candidate}
  done
  [[ -n $first ]] ||
    die "needs Python 3.11 or newer; python3 is $(python3 --version 2>/dev/null || echo missing)"
  echo "$first"
}

# --- Debian packages -------------------------------------------------------------------------

# Installs the named Debian packages as root on a system with apt; else says what to install.
install_debian_packages() {
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    die "not installed: $*. On Debian and Ubuntu: sudo apt-get install $*"
  fi
  say "apt-get install $*"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  {
    "${apt[@]}" update &&
      "${apt[@]}" install -y --no-install-recommends "$@"
  } </dev/null >"$venv/apt.log" 2>&1 9>&- || {
    cat "$venv/apt.log" >&2
    die "apt-get install $* failed"
  }
}

# Installs those of the given command:debian-package pairs whose command is missing.
programs_ready() {
  local pair missing=()
  for pair in "$@"; do
    # Servers are in sbin, which is not on everybody's PATH.
    PATH=$PATH:/usr/sbin command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  if ((${#missing[@]})); then install_debian_packages "${missing[@]}"; fi
}

# --- What is installed, and whether that still holds -------------------------------------------

# What each part was made from. A part is good while this has not changed by a byte.
made_from_base() {
  "$venv/bin/python" -I -S -c 'import sys; print(*sys.version_info[:2])' 2>/dev/null || true
  printf '%s\n' "$root"
  cat -- "$root/requirements/pip.txt" "$root/requirements/base.txt"
}
made_from_package() { cat -- "$root/pyproject.toml" "$root/src/wheelyard/__init__.py"; }
made_from_test() { cat -- "$root/requirements/test.txt"; }

holds() { "made_from_$1" | cmp -s - "$venv/made-from-$1" 2>/dev/null; }
record() { "made_from_$1" >"$venv/made-from-$1"; }

# Says whether the environment is whole and up to date for $1, base or test.
is_ready() {
  [[ ! -e $venv/unfinished ]] && holds base && holds package && { [[ $1 == base ]] || holds test; }
}

# --- Installing --------------------------------------------------------------------------------

# Empties .venv, but for the lock that we hold in it, and makes it anew with $python.
make_venv() {
  if ! python_has_venv "$python"; then
    install_debian_packages \
      "$("$python" -I -S -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
  fi
  find "$venv" -mindepth 1 -maxdepth 1 ! -name lock ! -name unfinished -exec rm -rf {} +
  say "making .venv with $("$python" --version)"
  "$python" -m venv "$venv"
  # The pip that old Pythons bring along takes twice the time, so ours comes first.
  install "installing pip" --require-hashes -r "$root/requirements/pip.txt"
}

# install STEP PIP_ARGUMENT...: one line to the user; pip's own words only when it fails.
install() {
  say "$1"
  shift
  "${pip[@]}" install -qq "$@" || die "pip failed; its words stand above. Run this again to resume"
}

install_missing() {
  local wanted=$1
  if [[ -e $venv/unfinished ]] || ! holds base; then
    : >"$venv/unfinished"
    make_venv
    install "installing the locked requirements" --require-hashes -r "$root/requirements/base.txt"
    record base
  fi
  : >"$venv/unfinished"
  if ! holds package; then
    install "installing this checkout" --no-deps --no-build-isolation --editable "$root"
    record package
  fi
  if [[ $wanted == test ]] && ! holds test; then
    install "installing the locked test requirements" --require-hashes \
      -r "$root/requirements/test.txt"
    record test
  fi
  rm "$venv/unfinished"
}

# Holds an exclusive lock on .venv/lock until the calling subshell ends. Python takes it, since
# not every system has flock(1); the lock belongs to the open file, so it outlives that Python.
lock_venv() {
  mkdir -p -- "$venv"
  exec 9>>"$venv/lock"
  "$python" -I -S -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null || {
    say "waiting for another ./run or ./test that is installing"
    "$python" -I -S -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
  }
}

environment_ready() {
  is_ready "$1" || (
    umask 022 # so that what root installs, others can start
    export PIP_USER=0 PYTHONNOUSERSITE=1
    unset PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX PIP_REQUIRE_HASHES
    python=$(find_python)
    lock_venv
    is_ready "$1" || install_missing "$1"
  )
  compile_sources
}

# Where PYTHONDONTWRITEBYTECODE is set, each start would compile 300 modules: half a second.
compile_sources() {
  [[ ! -e $venv/compiled ||
    -n $(find "$root/src" -name '*.py' -newer "$venv/compiled" -print -quit) ]] || return 0
  "$venv/bin/python" -m compileall -q "$root/src" && touch "$venv/compiled"
}
