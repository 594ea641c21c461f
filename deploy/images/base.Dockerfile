# What the JVM, libbpf and RocksDB link to, from Debian's packages, and nothing else: no shell, no package manager.
# deploy/images/build makes the same with mmdebstrap where no image can be pulled.
FROM debian:bookworm-slim AS packages
RUN apt-get update && apt-get install -y --no-install-recommends libbpf1 libelf1 libstdc++6 zlib1g
COPY base-files /tmp/base-files
RUN sh /tmp/base-files / /base

FROM scratch
COPY --from=packages /base /
