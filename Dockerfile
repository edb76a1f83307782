# The image: built against the system's libpq, which speaks TLS to PostgreSQL. `docker build -t ksnik .`
# Both stages stand on the same Debian, so that what was linked is what runs.
ARG DEBIAN=trixie

FROM rust:1.95-slim-${DEBIAN} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The caches outlive the build on the machine that builds, so only what changed is compiled again; the binary is taken out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build --profile dist --no-default-features --locked \
    && cp target/dist/ksnik /ksnik

FROM debian:${DEBIAN}-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --user-group --uid 10001 --home-dir /var/lib/ksnik --shell /usr/sbin/nologin ksnik \
    && install --directory --owner=ksnik --group=ksnik --mode=0700 /var/lib/ksnik
COPY --from=build /ksnik /usr/local/bin/ksnik
COPY config/production.toml /etc/ksnik/production.toml
# No secret is here: passwords come from the environment, and the root key is mounted where production.toml looks for it, /run/secrets/ksnik-root.key,
# readable for user 10001. Without it the service says so and ends.
ENV KSNIK_CONFIG=/etc/ksnik/production.toml \
    KSNIK__DATABASE__URL=sqlite:///var/lib/ksnik/ksnik.sqlite
USER ksnik
WORKDIR /var/lib/ksnik
VOLUME /var/lib/ksnik
EXPOSE 8080
# Alive, not ready: an orchestrator that restarts the unhealthy must not restart this one because the database is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["ksnik", "health", "--url", "http://127.0.0.1:8080/health/live"]
ENTRYPOINT ["ksnik"]
CMD ["serve"]
