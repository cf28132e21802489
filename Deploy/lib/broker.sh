# A private RabbitMQ on loopback: one node, or a cluster of them with one port mapper and one cookie.

# select_node NODE: makes it the node that everything below is about. The first has the names of a broker of one node.
select_node() {
    local suffix=
    if (($1 > 1)); then suffix=-$1; fi
    NODE=$1 NODE_NAME=$(node_name "$1")
    BROKER_LINK=$DATA/broker$suffix BROKER_PID=$DATA/broker$suffix.pid BROKER_OUT=$DATA/log/broker$suffix.out
    BROKER=$(cd "$BROKER_LINK" 2>/dev/null && pwd -P) || BROKER=$BROKER_LINK # not made yet
    name_node_ports "$1"
}

node_name() { if (($1 == 1)); then printf '%s@localhost' "$NAME"; else printf '%s-%s@localhost' "$NAME" "$1"; fi; }

# each_node COMMAND…: runs a command about one node after the other.
each_node() {
    local node
    for ((node = 1; node <= NODES; node++)); do
        select_node "$node"
        "$@"
    done
}

node_runs() { running "$BROKER_PID" >/dev/null; }

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
    if [[ ! -s $BROKER/home/.erlang.cookie ]]; then printf %s "$COOKIE" >"$BROKER/home/.erlang.cookie"; fi
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
    if ((NODES > 1)); then cluster_settings; fi
}

# A node that starts for the first time joins one of the list that runs. They take turns at that, so the first to look
# need not look twice. Leaders of queues are spread over the nodes. A node that has lost the others closes its connections,
# so that no client waits at it for queues that have no majority there.
cluster_settings() {
    local node
    for ((node = 1; node <= NODES; node++)); do
        printf 'cluster_formation.classic_config.nodes.%s = %s\n' "$node" "$(node_name "$node")"
    done
    printf '%s\n' 'cluster_formation.discovery_retry_limit = 1' 'cluster_partition_handling = pause_minority' \
        'queue_leader_locator = balanced'
}

launch_broker() {
    if node_runs; then return; fi
    configure_broker
    local environment
    mapfile -d '' -t environment < <(broker_environment)
    # RABBITMQ_ALLOW_INPUT makes the script become the Erlang VM, so that the pid is the node's. Schedulers that sleep
    # at once (+sbwt none) leave the processor to the programs under test.
    launch "$BROKER_PID" "$BROKER_OUT" "$BROKER_USER" "$BROKER" env -i "${environment[@]}" \
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
        if ! node_runs; then
            show_tail "$BROKER_OUT"
            show_tail "$BROKER/log/broker.log"
            die "RabbitMQ's node $NODE_NAME stopped while it started. The cause is in the log above."
        fi
        sleep 0.05
    done
    show_tail "$BROKER/log/broker.log"
    die "RabbitMQ's node $NODE_NAME was not ready within 120 s. Is the machine overloaded, or its disk full?"
}

# await_cluster: returns once the nodes are one cluster.
await_cluster() {
    if ((NODES == 1)); then return; fi
    select_node 1
    broker_control --quiet await_online_nodes "$NODES" --timeout 60 >"$DATA/log/cluster.log" 2>&1 || {
        show_tail "$DATA/log/cluster.log"
        die "the $NODES nodes did not become one cluster. The cause may be in $BROKER/log/broker.log, or start afresh after: $0 delete"
    }
}

# A SIGTERM that arrives while the node starts may be lost: hence the limit.
stop_broker() { terminate "$BROKER_PID" TERM 20; }
kill_broker() { kill_at_once "$BROKER_PID"; }
