# Builds the base image. It contains only the libraries of Debian to which the JVM, libbpf and RocksDB link. It has no shell and no
# package manager. deploy/images/build creates the same image with mmdebstrap, without pulling an image.
FROM debian:bookworm-slim AS packages
RUN apt-get update && apt-get install -y --no-install-recommends libbpf1 libelf1 libstdc++6 zlib1g
COPY base-files /tmp/base-files
RUN sh /tmp/base-files / /base

FROM scratch
COPY --from=packages /base /
