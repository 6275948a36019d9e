#!/bin/sh
# Stands in for workerd, which it becomes: an object awake holds three descriptors, so the limit
# goes as high as allowed, and the next start must be able to find a workerd left behind.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || :
echo "$$" >"$HONGYAN_WORKERD_PID_FILE"
exec "$HONGYAN_WORKERD" "$@"
