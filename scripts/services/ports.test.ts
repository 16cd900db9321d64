import { expect, test } from 'vitest';
import { PartError } from './part.ts';
import { parsePort, portTakenSentence } from './ports.ts';

test('a taken port names the port, what uses it, and how to choose another', () => {
  const owner = { pid: 4711, command: 'node server.js' };
  expect(portTakenSentence(3000, 'PORTAL_PORT', owner)).toBe(
    'Port 3000 is taken by process 4711 (node server.js). Stop it, or choose another port: PORTAL_PORT=3100 npm run demo',
  );
  expect(portTakenSentence(4443, 'SANDBOX_ENTRA_PORT', undefined)).toBe(
    'Port 4443 is taken by another program. Stop it, or choose another port: SANDBOX_ENTRA_PORT=4543 npm run demo',
  );
});

test('the port proposed instead is a port', () => {
  expect(portTakenSentence(65_530, 'PORTAL_PORT', undefined)).toContain('PORTAL_PORT=65430');
});

test.each(['0', '70000', 'web', '80.5', '-1'])('%s is refused as a port, by the name of its variable', (text) => {
  expect(() => parsePort('REDIS_PORT', text)).toThrow(PartError);
  expect(() => parsePort('REDIS_PORT', text)).toThrow(/REDIS_PORT .*1 to 65535/);
});
