# What the scripts tell their reader: progress and failures, on standard error, each in a sentence.

say() { printf '%s\n' "$*" >&2; }

# Ends the script: what went wrong, and what to do about it.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# show_tail LOG [LINES]: the end of a log file, indented, for a failure's reader.
show_tail() {
    [[ -s $1 ]] || return 0
    say "The end of $1:"
    tail -n "${2:-15}" "$1" | sed 's/^/    /' >&2
}

# Seconds since START, a value of $EPOCHREALTIME, with a tenth.
seconds_since() {
    local now=${EPOCHREALTIME/[.,]/} start=${1/[.,]/}
    local tenths=$(((now - start) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# phase TITLE COMMAND…: runs a step in this shell and says how long it took.
phase() {
    local title=$1 start=$EPOCHREALTIME status=0
    shift
    say "==> $title"
    "$@" || status=$?
    say "    $title: $(seconds_since "$start") s"
    return "$status"
}

# A JSON string of any text that a path or a name may hold.
json_string() {
    local text=$1
    text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\t'/\\t}
    printf '"%s"' "$text"
}
