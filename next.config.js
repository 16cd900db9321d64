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
  serverExternalPackages: ['@azure/msal-node', '@azure/storage-blob', 'bullmq', 'ioredis', 'pg', 'pino', 'undici'],
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
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
      ],
    },
  ],
};

export default config;
