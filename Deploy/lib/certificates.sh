# A throwaway certificate authority with one server and one client certificate, for servers on loopback only.

# make_certificates FOLDER: writes ca.pem, server.pem, server.key, client.pem and client.key (P-256, one year), unless
# they are there and valid for another day.
make_certificates() {
    local folder=$1
    if openssl x509 -in "$folder/server.pem" -noout -checkend 86400 >/dev/null 2>&1; then return; fi
    mkdir -p "$folder"
    (
        cd "$folder"
        umask 077
        rm -f ./*.pem ./*.key
        make_key ca.key
        openssl req -x509 -new -key ca.key -sha256 -days 365 -subj "/CN=Teller throwaway authority" -out ca.pem \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
        issue server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' extendedKeyUsage=serverAuth
        issue client teller-client extendedKeyUsage=clientAuth
        chmod 644 ca.pem server.pem client.pem
        openssl verify -CAfile ca.pem server.pem client.pem >/dev/null
    ) || die "openssl could not make certificates in $folder. Is the disk full, or openssl older than 1.1.1?"
}

make_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# issue NAME COMMON-NAME EXTENSION…: NAME.key and NAME.pem, signed by the authority.
issue() {
    local name=$1 common_name=$2
    shift 2
    make_key "$name.key"
    openssl req -new -key "$name.key" -subj "/CN=$common_name" -out "$name.csr"
    printf '%s\n' "$@" basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -sha256 \
        -extfile "$name.ext" -out "$name.pem" 2>/dev/null
    rm -f "$name.csr" "$name.ext"
}
