import { expect, it } from 'vitest';
import { faultRegistry } from '../control/faults.ts';
import { readFaultForm } from './fault-form.ts';

it('refuses a mailbox that the directory does not have, as the control API does', () => {
  const faults = faultRegistry(1, (name) => (name === 'lena@b.example' ? 'id-of-lena' : undefined));
  const read = (mailbox: string) => readFaultForm({ service: 'graph', kind: 'stall', mailbox }, faults);
  expect(read('lena@b.example')).toMatchObject({ rule: { mailbox: 'lena@b.example' } });
  const sentence = 'Nobody has this object id, user principal name or address.';
  expect(read('nobody')).toMatchObject({ entered: { problems: { mailbox: sentence } } });
});
