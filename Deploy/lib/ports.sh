# Loopback ports: each data folder has a block of 32, so that any number of instances run side by side.
#
# The blocks lie below the kernel's range for outgoing connections (32768…), which could otherwise take a port between
# its choice and its use. The first port of a block is the instance's own Erlang port mapper, which starts first and
# stops last: whoever has bound it owns the block.

readonly FIRST_PORT=20000 BLOCK_SIZE=32 BLOCKS=375

# name_ports BASE: gives the ports of a block their names, but for those of the broker's nodes.
name_ports() {
    PORT_BASE=$1
    EPMD_PORT=$1 POSTGRES_PORT=$(($1 + 4)) HTTP_PORT=$(($1 + 6))
    CONTROL_PORT=$(($1 + 16)) CONTROL_PORT_END=$(($1 + BLOCK_SIZE - 1))
}

# name_node_ports NODE: a node's ports. The second and the third node's lie from 8 and 12 on.
name_node_ports() {
    local first=$((PORT_BASE + ($1 == 1 ? 1 : 4 * $1)))
    AMQP_PORT=$first AMQPS_PORT=$((first + 1)) MANAGEMENT_PORT=$((first + 2))
    CLUSTER_PORT=$((first + ($1 == 1 ? 4 : 3)))
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_block BASE: nothing listens on the ports that servers and a worker will use.
free_block() {
    local port
    for ((port = $1; port < $1 + (NODES == 1 ? 7 : 16); port++)); do
        if listening "$port"; then return 1; fi
    done
}

# claim_ports: keeps the folder's block when it is free, else takes another one, and holds it with the port mapper.
claim_ports() {
    if running "$DATA/epmd.pid" >/dev/null; then return; fi
    local attempt base=$PORT_BASE # 0 before the first start
    for ((attempt = 0; attempt < BLOCKS; attempt++)); do
        ((base > 0)) || base=$((FIRST_PORT + BLOCK_SIZE * (SRANDOM % BLOCKS)))
        if free_block "$base" && start_port_mapper "$base"; then
            if ((PORT_BASE > 0 && PORT_BASE != base)); then
                say "The ports of this folder ($PORT_BASE…) are in use: it moves to $base…."
            fi
            name_ports "$base"
            return
        fi
        base=0
    done
    die "no free ports between $FIRST_PORT and 32000 on 127.0.0.1. Stop other servers, or look with: ss -ltn"
}

start_port_mapper() {
    local attempt
    launch "$DATA/epmd.pid" "$DATA/log/epmd.log" "$BROKER_USER" / epmd -port "$1" -address 127.0.0.1
    for ((attempt = 0; attempt < 200; attempt++)); do
        if ! running "$DATA/epmd.pid" >/dev/null; then return 1; fi # another instance was quicker
        if listening "$1"; then return 0; fi
        sleep 0.02
    done
    terminate "$DATA/epmd.pid" TERM 2
    return 1
}
