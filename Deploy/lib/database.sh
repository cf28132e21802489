# A private PostgreSQL cluster on loopback.

# database_program NAME: the path of postgres, initdb or psql of the newest version installed.
database_program() {
    local folder
    while read -r folder; do
        if [[ -x $folder/$1 ]]; then
            printf '%s\n' "$folder/$1"
            return
        fi
    done < <(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin | sort -rV)
    command -v "$1"
}

# What this folder decides, written at every start: ports and durability may change. Only the cluster is the server's.
configure_database() {
    install -m 644 "$DATA/tls/ca.pem" "$DATA/tls/server.pem" "$DATABASE/"
    install -m 600 -o "$DATABASE_USER" "$DATA/tls/server.key" "$DATABASE/"
    install -m 644 /dev/stdin "$DATABASE/teller.conf" < <(database_settings)
}

database_settings() {
    cat <<END
listen_addresses = '127.0.0.1'
port = $POSTGRES_PORT
unix_socket_directories = '' # a socket's path may be 107 bytes at most, a data folder's may be longer
cluster_name = '$NAME'
max_connections = 100
ssl = on
ssl_ca_file = '$DATABASE/ca.pem'
ssl_cert_file = '$DATABASE/server.pem'
ssl_key_file = '$DATABASE/server.key'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %u@%d '
timezone = 'UTC'
log_timezone = 'UTC'
END
    if [[ $FAST == on ]]; then printf '%s\n' 'fsync = off' 'synchronous_commit = off' 'full_page_writes = off'; fi
}

# A cluster is made beside its place and moved there when it is complete: initdb may be interrupted at any moment.
create_cluster() {
    if [[ -d $DATABASE/data ]]; then return; fi
    local new=$DATABASE/data.new
    rm -rf "$new"
    mkdir "$new"
    if ((EUID == 0)); then chown "$DATABASE_USER": "$new"; fi
    install -m 600 -o "$DATABASE_USER" /dev/stdin "$DATABASE/password" <<<"$SUPERUSER_PASSWORD"
    (cd "$DATABASE" && as_user "$DATABASE_USER" env HOME="$DATABASE" LC_ALL=C.UTF-8 "$(database_program initdb)" \
        --pgdata "$new" --username postgres --pwfile "$DATABASE/password" --encoding UTF8 --locale C.UTF-8 \
        --auth scram-sha-256 --no-sync) >"$DATA/log/initdb.log" 2>&1 || {
        show_tail "$DATA/log/initdb.log"
        die "initdb could not make a PostgreSQL cluster in $DATABASE. The cause is in the log above."
    }
    rm -f "$DATABASE/password"
    mv "$new" "$DATABASE/data"
}

launch_database() {
    if running "$DATA/database.pid" >/dev/null; then return; fi
    configure_database
    create_cluster
    remove_stale_lock
    launch "$DATA/database.pid" "$DATA/log/database.log" "$DATABASE_USER" "$DATABASE" \
        env HOME="$DATABASE" "$(database_program postgres)" -D "$DATABASE/data" -c config_file="$DATABASE/teller.conf"
}

# PostgreSQL takes a zombie for a living server: where nothing reaps at once (a container without an init), the lock file
# of a server that was killed must go first.
remove_stale_lock() {
    local lock=$DATABASE/data/postmaster.pid pid
    if [[ -f $lock ]] && read -r pid <"$lock" && ! process_start "$pid" >/dev/null; then rm -f "$lock"; fi
}

await_database() {
    local deadline=$((SECONDS + 60))
    while ((SECONDS < deadline)); do
        if "$(database_program pg_isready)" -q -h 127.0.0.1 -p "$POSTGRES_PORT" -d postgres; then return; fi
        if ! running "$DATA/database.pid" >/dev/null; then
            show_tail "$DATA/log/database.log"
            die "PostgreSQL stopped while it started. The cause is in the log above."
        fi
        sleep 0.05
    done
    show_tail "$DATA/log/database.log"
    die "PostgreSQL was not ready within 60 s. Is the machine overloaded, or its disk full?"
}

# database_shell DATABASE ARGUMENT…: psql as the cluster's superuser, for this folder's owner only.
database_shell() {
    local database=$1
    shift
    PGPASSWORD=$SUPERUSER_PASSWORD PGCONNECT_TIMEOUT=10 "$(database_program psql)" --no-psqlrc \
        --host 127.0.0.1 --port "$POSTGRES_PORT" --username postgres --dbname "$database" "$@"
}

# The logins, and the group roles that migrations also create, so that the logins can be their members from the start.
#
# teller_admin migrates: it may create roles, owns the database through teller_owner, and is no superuser. It may also end
# sessions and read statistics, as an operator's login would. teller_app is a worker: a member of teller_worker only.
create_roles() {
    {
        printf '\\set admin_password %s\n\\set app_password %s\n' "$ADMIN_PASSWORD" "$APP_PASSWORD"
        cat <<'END'
SET client_min_messages = warning;
SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['teller_owner', 'teller_worker', 'teller_operator', 'teller_admin', 'teller_app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE teller_admin LOGIN CREATEROLE CREATEDB PASSWORD :'admin_password';
ALTER ROLE teller_app LOGIN PASSWORD :'app_password';
GRANT teller_owner, teller_worker, teller_operator, teller_app TO teller_admin WITH ADMIN OPTION;
GRANT pg_monitor, pg_signal_backend TO teller_admin;
GRANT teller_worker TO teller_app;
SELECT 'CREATE DATABASE teller OWNER teller_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'teller') \gexec
END
    } | database_shell postgres --quiet --set ON_ERROR_STOP=1 >>"$DATA/log/roles.log" 2>&1 || {
        show_tail "$DATA/log/roles.log"
        die "the roles and the database could not be created. The cause is in the log above."
    }
}

# SIGINT is PostgreSQL's fast shutdown: sessions end at once, everything is written. SIGTERM would wait for clients.
stop_database() { terminate "$DATA/database.pid" INT 20; }
kill_database() { kill_at_once "$DATA/database.pid"; }
