#!/bin/sh
# Builds InfluxDB 2.7.12 from the Go module registry and prints the path of the binary. Needs Go and Rust;
# takes some five minutes once, then nothing: the binary is kept in ~/.cache/fasciwatch.
set -eu
version=2.7.12
cache=${FASCIWATCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fasciwatch}
binary=$cache/influxd-$version

if [ ! -x "$binary" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$cache" "$work/bin"
    cd "$work"
    {
        go mod init build
        # pkg-config here is InfluxData's: it builds the Flux library, which is Rust, while Go builds the server.
        go get "github.com/influxdata/influxdb/v2/cmd/influxd@v$version" github.com/influxdata/pkg-config@v0.3.0
        go build -o bin/pkg-config github.com/influxdata/pkg-config
        # Flux makes warnings errors; newer compilers warn of more than it was written against.
        printf '#!/bin/sh\nexec "$@" --cap-lints allow\n' > bin/rustc-lenient
        chmod +x bin/rustc-lenient
        # Flux asks for its own old toolchain by file; the installed one does.
        if command -v rustup > /dev/null; then
            RUSTUP_TOOLCHAIN=${RUSTUP_TOOLCHAIN:-$(rustup show active-toolchain | cut -d' ' -f1)}
            export RUSTUP_TOOLCHAIN
        fi
        PATH=$work/bin:$PATH RUSTC_WRAPPER=$work/bin/rustc-lenient \
            go build -o bin/influxd github.com/influxdata/influxdb/v2/cmd/influxd
    } >&2
    mv bin/influxd "$binary"
fi
echo "$binary"
