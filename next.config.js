/**
 * Next's build and server. Type checking is `npm run types` (TypeScript 7 has no JavaScript API that Next could call),
 * headers with a nonce are made per request in `proxy.ts`.
 */

/** @type {import('next').NextConfig} */
const config = {
  // A test run builds beside a running demo.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  typescript: { ignoreBuildErrors: true, tsconfigPath: 'tsconfig.next.json' },
  serverExternalPackages: [
    ...['@azure/msal-node', '@azure/storage-blob', 'bullmq', 'bullmq-otel', 'ioredis', 'pg', 'pino', 'undici'],
    ...['@opentelemetry/api', '@opentelemetry/resources', '@opentelemetry/sdk-trace-node'],
    ...['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/exporter-trace-otlp-proto'],
  ],
  experimental: {
    optimizePackageImports: ['@fluentui/react-components', '@fluentui/react-icons'],
    // A mapping file of 64 MB goes through a route of its own; actions carry forms.
    serverActions: { bodySizeLimit: '1mb' },
  },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Referrer-Policy', value: 'no-referrer' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin-allow-popups' },
        { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
        // Browsers obey it over TLS alone, so that a portal on this machine without any is not shut out.
        { key: 'Strict-Transport-Security', value: 'max-age=31536000; includeSubDomains' },
      ],
    },
    {
      // Data and files. Should a browser show one in spite of everything, it runs nothing and belongs to nobody's origin.
      source: '/api/:path*',
      headers: [
        {
          key: 'Content-Security-Policy',
          value: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
        },
      ],
    },
  ],
};

export default config;
