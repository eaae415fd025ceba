# The command in an image: built with a compiler at hand, run without one, by nobody in particular.
FROM node:20-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
# What the bundle holds is pruned with the tools, and so is what the native module was made from.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && cd node_modules/better-sqlite3 && rm -rf deps src build/Release/obj*

FROM node:20-bookworm-slim
# State, certificates and the kubeconfig live in one folder: mount a volume there to keep them. The rest may be read-only.
RUN mkdir -p /data && chown 65532:65532 /data
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/migrations migrations
COPY --from=build /build/proto proto
COPY --from=build /build/dist dist
USER 65532:65532
VOLUME /data
EXPOSE 6443 8080 50051
HEALTHCHECK --interval=5s --timeout=2s --start-period=5s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# A signal ends it within a second; no other process needs reaping.
ENTRYPOINT ["node", "dist/kubedouble.js", "serve", "--bind-address", "0.0.0.0", "--data", "/data/cluster.db", "--cert-dir", "/data/certificates", "--kubeconfig", "/data/kubeconfig"]
CMD []
