# syntax=docker/dockerfile:1
# Bot and worker in one process: docker run flinkops. One of them: docker run flinkops worker --zone east
# test/full/image.test.ts builds this with buildah and runs it, on base images made of the same Debian release and Node 24.
# The real base images could not be reached from there, so no digest is written here that nobody has seen: Renovate adds
# both (docker:pinDigests in .github/renovate.json).

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN npm ci --no-audit --no-fund
COPY scripts/build.ts scripts/external.ts scripts/notices.ts ./scripts/
COPY src ./src
RUN npm run build
# The program is one bundle, so a scan of the final stage finds none of the packages in it. This stage has them: the list of
# contents (SBOM) is made of both.
RUN npm prune --omit=dev --no-audit --no-fund
ARG BUILDKIT_SBOM_SCAN_STAGE=true

# No shell and no package manager
FROM gcr.io/distroless/nodejs24-debian13
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="flinkops" \
  org.opencontainers.image.description="Operate Apache Flink jobs from Slack" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.base.name="gcr.io/distroless/nodejs24-debian13" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# PATH: docker exec flinkops node dist/main.js doctor
ENV NODE_ENV=production PATH=/nodejs/bin
WORKDIR /app
# owned by root: the program cannot change itself
COPY LICENSE package.json config.example.yml ./
COPY --from=build /app/dist ./dist
# what the bundle leaves out (scripts/external.ts); of the fonts, the two in use
COPY --from=build /app/node_modules/@resvg ./node_modules/@resvg
COPY --from=build /app/node_modules/@dagrejs ./node_modules/@dagrejs
COPY --from=build /app/node_modules/dejavu-fonts-ttf/LICENSE \
  /app/node_modules/dejavu-fonts-ttf/package.json \
  ./node_modules/dejavu-fonts-ttf/
COPY --from=build /app/node_modules/dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf \
  /app/node_modules/dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf \
  ./node_modules/dejavu-fonts-ttf/ttf/
# not root, and by number, so that Kubernetes can see it
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.FLINKOPS_PORT || 8080}/healthz`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nodejs/bin/node", "dist/main.js"]
