# Secrets of a demonstration: the key of the database's tickets, and an issuer of customers' tokens.

# make_keys FOLDER: writes ticket.key (32 random bytes in hexadecimal), issuer.pem (an Ed25519 private key) and jwks.json (its
# public half, RFC 8037), unless they are there.
make_keys() {
    local folder=$1
    if [[ -s $folder/jwks.json ]]; then return; fi
    mkdir -p "$folder"
    (
        umask 077
        cd "$folder" && rm -f ticket.key issuer.pem && openssl rand -hex 32 >ticket.key &&
            openssl genpkey -algorithm ed25519 -out issuer.pem && chmod 400 ticket.key issuer.pem &&
            key=$(raw_public_key issuer.pem | openssl base64 -A | tr '+/' '-_' | tr -d '=') && ((${#key} == 43)) &&
            printf '{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"demo","x":"%s"}]}\n' \
                "$key" >jwks.json.new && mv jwks.json.new jwks.json
    ) || die "openssl could not make keys in $folder. Is it older than 1.1.1, or the disk full?"
}

# An Ed25519 public key is the last 32 bytes of its DER form (RFC 8410).
raw_public_key() { openssl pkey -in "$1" -pubout -outform DER | tail -c 32; }
