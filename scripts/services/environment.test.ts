import { expect, test } from 'vitest';
import { parseEnv } from '#lib/env.ts';
import { readSettings } from '#sandbox/settings.ts';
import { productEnvironment, sandboxAddresses, sandboxEnvironment } from './environment.ts';
import { newSecrets } from './secrets.ts';

const ports = {
  sandboxHttp: 14000,
  sandboxEntra: 14443,
  sandboxGraph: 14444,
  sandboxTelemessage: 14445,
  sandboxSmtp: 14446,
  sandboxHooks: 14447,
};
const addresses = {
  database: 'postgresql://postgres:x@127.0.0.1:15432/portal',
  redis: 'redis://:x@127.0.0.1:16379/0',
  blob: 'UseDevelopmentStorage=true',
  portal: 'http://localhost:13000',
  workerHealthPort: 13001,
  sandbox: sandboxAddresses(ports, '/tls'),
};

test('the product accepts its environment and points at the sandbox everywhere', () => {
  const env = parseEnv(productEnvironment(addresses, newSecrets()));
  expect([env.TELEMESSAGE_URL, env.GRAPH_URL, env.ENTRA_AUTHORITY]).toEqual([
    'https://localhost:14445',
    'https://localhost:14444',
    'https://localhost:14443',
  ]);
  expect(env.NEXTAUTH_URL).toBe('http://localhost:13000');
});

test('two organizations may sign in, the third of the sandbox may not', () => {
  expect(parseEnv(productEnvironment(addresses, newSecrets())).ORGANIZATIONS).toHaveLength(2);
});

test('the certificate authority that the product trusts lies where the sandbox writes it', () => {
  const settings = readSettings(sandboxEnvironment(ports, 'memory', '/tls'));
  expect(settings).toMatchObject({
    ports: { http: 14000, entra: 14443, graph: 14444, telemessage: 14445, smtp: 14446, hooks: 14447 },
  });
  expect(productEnvironment(addresses, newSecrets()).NODE_EXTRA_CA_CERTS).toBe(`${settings.tlsDir}/ca.pem`);
});

test('no secret is made twice', () => {
  expect(newSecrets().encryptionKeys).not.toBe(newSecrets().encryptionKeys);
});
