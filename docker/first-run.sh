#!/bin/sh
# Run once before `docker compose up`: makes secrets and a first configuration. What is there already stays.
# The folder is yours alone (0700); the files in it can be read by the containers' own users, into which each is
# mounted by itself.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
secrets=$here/secrets
config=$here/config

(umask 077 && mkdir -p "$secrets")
for name in influx_admin_password influx_admin_token grafana_admin_password mqtt_password; do
    file=$secrets/$name
    if [ ! -s "$file" ]; then
        (umask 077 && head -c 32 /dev/urandom | base64 | tr -d '=+/\n' > "$file")
        chmod 444 "$file"
        echo "made $file"
    fi
done

mkdir -p "$config"
if [ ! -e "$config/fasciwatch.toml" ]; then
    cp "$here/fasciwatch.toml" "$config/fasciwatch.toml"
    echo "made $config/fasciwatch.toml: name your sensors and sites in it"
fi
