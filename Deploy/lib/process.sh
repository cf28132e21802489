# Servers as processes: started without privilege, known by pid and start time, stopped gracefully and then by force.

# unprivileged_user NAME: the user that a server runs as. Root gives way to the package's own user, or to nobody.
unprivileged_user() {
    if ((EUID != 0)); then
        id -un
    elif id -u "$1" >/dev/null 2>&1; then
        printf '%s\n' "$1"
    else
        printf 'nobody\n'
    fi
}

# as_user USER COMMAND…: runs a command as that user, without a way back to privilege.
as_user() {
    local user=$1
    shift
    if ((EUID != 0)); then
        "$@"
    else
        setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups --no-new-privs -- "$@"
    fi
}

# process_fields PID: sets FIELDS to what /proc/PID/stat says after the name: state, parent, …. Fails when it is gone.
process_fields() {
    local stat=''
    { read -r -d '' stat <"/proc/$1/stat" || [[ -n $stat ]]; } 2>/dev/null || return 1
    read -r -a FIELDS <<<"${stat##*) }" # the name may hold blanks and parentheses: count from after the last one
}

# process_start PID: when it started, in clock ticks since boot. Fails when it is gone or a zombie.
process_start() {
    process_fields "$1" && [[ ${FIELDS[0]} != [ZX] ]] && printf '%s\n' "${FIELDS[19]}"
}

# launch PIDFILE LOG USER FOLDER COMMAND…: starts a server in a session of its own, which no Ctrl-C here reaches.
#
# The process itself notes its pid and start time (a pid alone may be another process after a reboot) before it becomes the
# server: whatever ends this script at whatever moment, no server runs that no file names.
launch() {
    local pid_file=$1 log=$2 user=$3 folder=$4
    shift 4
    rm -f "$pid_file"
    LAUNCHING=$pid_file
    (
        local pid=$BASHPID file
        printf '%s %s\n' "$pid" "$(process_start "$pid")" >"$pid_file"
        cd "$folder" || exit
        for file in "/proc/$BASHPID/fd/"*; do # a lock or a pipe of the caller must not live on in the server
            file=${file##*/}
            if ((file > 2 && file != 255)); then eval "exec $file>&-"; fi
        done
        # The caller may have blocked signals, as threads of a test's process do: RabbitMQ would never hear a SIGTERM.
        local command=(env --default-signal setsid)
        if ((EUID == 0)); then
            command+=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups --no-new-privs --)
        fi
        exec "${command[@]}" "$@"
    ) </dev/null >>"$log" 2>&1 &
    disown # no word of this shell about its end
    await_launch
}

# await_launch: returns once the process that is being launched, if any, has noted itself, or is gone.
await_launch() {
    if [[ -n ${LAUNCHING:-} ]]; then
        while [[ ! -s $LAUNCHING ]] && process_start "${!:-0}" >/dev/null; do sleep 0.01; done
        LAUNCHING=
    fi
}

# running PIDFILE: the pid of the process that the file names, when that very process is alive.
running() {
    local pid start
    [[ -s $1 ]] && read -r pid start <"$1" && [[ $(process_start "$pid") == "$start" ]] && printf '%s\n' "$pid"
}

# children PID: the pids of its direct children.
children() {
    local process
    for process in /proc/[0-9]*; do
        if process_fields "${process#/proc/}" && [[ ${FIELDS[1]} == "$1" ]]; then printf '%s\n' "${process#/proc/}"; fi
    done
}

# terminate PIDFILE SIGNAL SECONDS: asks the process to leave, waits, and takes it down when it stays.
terminate() {
    local pid_file=$1 signal=$2 seconds=$3 pid deadline
    if pid=$(running "$pid_file"); then
        kill -s "$signal" "$pid" 2>/dev/null || true
        deadline=$((SECONDS + seconds))
        while running "$pid_file" >/dev/null && ((SECONDS < deadline)); do sleep 0.05; done
        if running "$pid_file" >/dev/null; then
            say "Process $pid did not stop within $seconds s of SIG$signal: killed."
            kill_at_once "$pid_file"
        fi
    fi
    rm -f "$pid_file"
}

# kill_at_once PIDFILE: SIGKILL to the process and its children, as a crash would, and waits until they are gone.
kill_at_once() {
    local pid_file=$1 pid family
    if pid=$(running "$pid_file"); then
        mapfile -t family < <(children "$pid")
        kill -s KILL "$pid" "${family[@]}" 2>/dev/null || true
        for pid in "$pid" "${family[@]}"; do
            while process_start "$pid" >/dev/null; do sleep 0.02; done
        done
    fi
    rm -f "$pid_file"
}
