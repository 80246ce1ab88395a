#!/usr/bin/env bash
# Refuses a self-hosted runner that has run a job of this project before: jobs leave credentials in memory and on disk that
# the next job could read. A check against a wrong setup; a hostile job could remove its trace.
set -euo pipefail
[ "${RUNNER_ENVIRONMENT:-}" != github-hosted ] || exit 0
trace="$HOME/.metal-runner-used"
if ! (set -o noclobber && : > "$trace") 2> /dev/null; then
  echo "::error::this runner has run a job before ($trace exists or cannot be written): register it with --ephemeral, or as a pod per job"
  exit 1
fi
