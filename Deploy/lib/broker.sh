# A private RabbitMQ node on loopback.

# broker_program NAME: the path of rabbitmq-server or rabbitmqctl itself. Debian's /usr/sbin wrappers are for the
# system's own node: they insist on its user and its log folder.
broker_program() {
    local folder
    for folder in "${RABBITMQ_HOME:-/nonexistent}/sbin" /usr/lib/rabbitmq/bin /usr/lib/rabbitmq/lib/*/sbin \
        /opt/rabbitmq/sbin /opt/homebrew/sbin; do
        if [[ -x $folder/$1 ]]; then
            printf '%s\n' "$folder/$1"
            return
        fi
    done
    return 1
}

# The environment of the node and of its tools. The caller's RABBITMQ_ and ERL_ variables must not leak in.
broker_environment() {
    printf '%s\0' \
        PATH="$PATH" LANG=C.UTF-8 HOME="$BROKER/home" \
        ERL_EPMD_PORT="$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP="$BROKER/log/erl_crash.dump" \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME="$NODE_NAME" \
        RABBITMQ_DIST_PORT="$CLUSTER_PORT" RABBITMQ_MNESIA_BASE="$BROKER/data" \
        RABBITMQ_CONFIG_FILE="$BROKER/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE="$BROKER/advanced.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$BROKER/enabled_plugins" RABBITMQ_GENERATED_CONFIG_DIR="$BROKER/config" \
        RABBITMQ_LOG_BASE="$BROKER/log" RABBITMQ_LOGS="$BROKER/log/broker.log" RABBITMQ_PID_FILE="$BROKER/data/node.pid" \
        RABBITMQ_CTL_DIST_PORT_MIN="$CONTROL_PORT" RABBITMQ_CTL_DIST_PORT_MAX="$CONTROL_PORT_END" \
        RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
}

# broker_control ARGUMENT…: rabbitmqctl on this node.
broker_control() {
    local environment
    mapfile -d '' -t environment < <(broker_environment)
    (cd "$BROKER" && as_user "$BROKER_USER" env -i "${environment[@]}" "$(broker_program rabbitmqctl)" "$@")
}

# The folder is the caller's and only what the node writes is the node's: root never writes where the node could have
# put a link.
configure_broker() {
    mkdir -p "$BROKER"/{home,data,log,config}
    if [[ ! -s $BROKER/home/.erlang.cookie ]]; then random_hex >"$BROKER/home/.erlang.cookie"; fi
    chmod 400 "$BROKER/home/.erlang.cookie" # Erlang refuses a cookie that others may read
    install -m 644 "$DATA/tls/ca.pem" "$DATA/tls/server.pem" "$BROKER/"
    install -m 600 -o "$BROKER_USER" "$DATA/tls/server.key" "$BROKER/"
    install -m 644 /dev/stdin "$BROKER/enabled_plugins" <<<"[$([[ $MANAGEMENT == off ]] || echo rabbitmq_management)]."
    install -m 600 -o "$BROKER_USER" /dev/stdin "$BROKER/rabbitmq.conf" < <(broker_settings)
    if ((EUID == 0)); then chown -R "$BROKER_USER": "$BROKER"/{home,data,log,config}; fi
}

broker_settings() {
    cat <<END
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
listeners.ssl.1 = 127.0.0.1:$AMQPS_PORT
ssl_options.cacertfile = $BROKER/ca.pem
ssl_options.certfile = $BROKER/server.pem
ssl_options.keyfile = $BROKER/server.key
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
default_user = teller
default_pass = $BROKER_PASSWORD
disk_free_limit.absolute = 50MB
log.file.level = info
END
    if [[ $MANAGEMENT == on ]]; then
        printf '%s\n' 'management.tcp.ip = 127.0.0.1' "management.tcp.port = $MANAGEMENT_PORT"
    fi
}

launch_broker() {
    if running "$DATA/broker.pid" >/dev/null; then return; fi
    configure_broker
    local environment
    mapfile -d '' -t environment < <(broker_environment)
    # RABBITMQ_ALLOW_INPUT makes the script become the Erlang VM, so that the pid is the node's. Schedulers that sleep
    # at once (+sbwt none) leave the processor to the programs under test.
    launch "$DATA/broker.pid" "$DATA/log/broker.out" "$BROKER_USER" "$BROKER" env -i "${environment[@]}" \
        RABBITMQ_ALLOW_INPUT=1 \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-noinput -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}' \
        "$(broker_program rabbitmq-server)"
}

# Ready means that the port answers the protocol header with Connection.Start: listeners open last.
await_broker() {
    local deadline=$((SECONDS + 120)) greeting
    while ((SECONDS < deadline)); do
        if greeting=$( (exec 3<>"/dev/tcp/127.0.0.1/$AMQP_PORT" && printf 'AMQP\0\0\x09\x01' >&3 &&
            timeout 2 head -c 11 <&3 | od -An -tx1 | tr -d ' \n') 2>/dev/null) &&
            [[ $greeting == 01* && ${greeting:14:8} == 000a000a ]]; then
            return
        fi
        if ! running "$DATA/broker.pid" >/dev/null; then
            show_tail "$DATA/log/broker.out"
            show_tail "$BROKER/log/broker.log"
            die "RabbitMQ stopped while it started. The cause is in the log above."
        fi
        sleep 0.05
    done
    show_tail "$BROKER/log/broker.log"
    die "RabbitMQ was not ready within 120 s. Is the machine overloaded, or its disk full?"
}

# A SIGTERM that arrives while the node starts may be lost: hence the limit.
stop_broker() { terminate "$DATA/broker.pid" TERM 20; }
kill_broker() { kill_at_once "$DATA/broker.pid"; }
