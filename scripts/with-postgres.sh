#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL cluster: scripts/with-postgres.sh <command…>
# The command finds its URL in TEST_DATABASE_URL. The cluster is removed whatever happens, and the exit code is the command's.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "Usage: $0 <command…>" >&2
  exit 2
fi

# Debian keeps the server's programs out of PATH; the newest version wins.
bin_dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if command -v initdb >/dev/null; then bin_dir=$(dirname "$(command -v initdb)"); fi
if [ ! -x "${bin_dir:-}/initdb" ]; then
  echo "PostgreSQL's server is not installed. On Debian and Ubuntu: apt-get install postgresql" >&2
  exit 3
fi

# PostgreSQL refuses to run as root.
run_server=()
if [ "$(id -u)" -eq 0 ]; then
  if ! id postgres >/dev/null 2>&1; then
    echo "There is no user 'postgres' to run the server as. On Debian and Ubuntu: apt-get install postgresql" >&2
    exit 3
  fi
  run_server=(runuser -u postgres --)
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/lensgate-pg.XXXXXX")
command_pid=
finish() {
  trap - EXIT INT TERM HUP
  if [ -n "$command_pid" ]; then kill -TERM "$command_pid" 2>/dev/null && wait "$command_pid" 2>/dev/null; fi
  if [ -f "$dir/data/postmaster.pid" ]; then
    (cd "$dir" && "${run_server[@]}" "$bin_dir/pg_ctl" stop -D "$dir/data" -m immediate >/dev/null 2>&1)
  fi
  rm -rf "$dir"
}
trap finish EXIT
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM HUP
if [ ${#run_server[@]} -gt 0 ]; then chown postgres "$dir"; fi

port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
cd_and_run() { (cd "$dir" && "${run_server[@]}" "$@"); }
if ! cd_and_run "$bin_dir/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -N >"$dir/log" 2>&1 ||
  ! cd_and_run "$bin_dir/pg_ctl" start -w -D "$dir/data" -l "$dir/data/log" \
    -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c fsync=off" >>"$dir/log" 2>&1; then
  echo "PostgreSQL did not start:" >&2
  cat "$dir/log" "$dir/data/log" >&2 2>/dev/null || true
  exit 4
fi

export TEST_DATABASE_URL="postgresql://postgres@127.0.0.1:$port/postgres"
# In the background, so that a signal to this script is seen at once.
"$@" <&0 &
command_pid=$!
code=0
wait "$command_pid" || code=$?
command_pid=
exit "$code"
