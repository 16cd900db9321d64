#!/bin/sh
# Writes the settings of the demo in containers: .env for the product, .env.sandbox for the sandbox cloud and Azurite. Every
# secret is drawn here; none has a default. What exists is left alone: its keys open what the demo has sealed.
set -eu
cd "$(dirname "$0")/.."
for file in .env .env.sandbox; do
  if [ -e "$file" ]; then
    echo "$file is there already. Delete .env and .env.sandbox, and the demo's volumes (docker compose --profile demo down -v), to begin anew." >&2
    exit 1
  fi
done
umask 077
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
word() { head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

client_secret=$(word)
account_key=$(key)
cat > .env.sandbox <<ENV
SANDBOX_CLIENT_SECRET=$client_secret
AZURITE_ACCOUNTS=demo:$account_key
ENV
cat > .env <<ENV
COMPOSE_PROFILES=demo
POSTGRES_PASSWORD=$(word)
PORTAL_DB_PASSWORD=$(word)
REDIS_PASSWORD=$(word)
NEXTAUTH_URL=http://localhost:3000
NEXTAUTH_SECRET=$(key)
ENCRYPTION_KEYS=k1:$(key)
AUDIT_KEYS=a1:$(key)
AZURE_STORAGE_CONNECTION_STRING=DefaultEndpointsProtocol=http;AccountName=demo;AccountKey=$account_key;BlobEndpoint=http://azurite:10000/demo
TELEMESSAGE_URL=https://sandbox:4445
GRAPH_URL=https://sandbox:4444
ENTRA_AUTHORITY=https://sandbox:4443
NODE_EXTRA_CA_CERTS=/trust/ca.pem
ENTRA_CLIENT_ID=3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05
ENTRA_CLIENT_SECRET=$client_secret
ORGANIZATIONS=5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271,b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58
SMTP_HOST=sandbox
SMTP_PORT=4446
SMTP_FROM=portal@alderbyrne.example
NOTIFICATION_PRIVATE_HOSTS=sandbox:4447
ENV
echo "Wrote .env and .env.sandbox. Next: docker compose --profile demo up --build"
