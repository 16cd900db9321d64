import { describe, expect, it } from 'vitest';
import { loginRefusal } from './login-refusal.ts';

const refused = (
  failure: Parameters<typeof loginRefusal>[0] extends infer R ? (R extends { failure: infer F } ? F : never) : never,
) =>
  loginRefusal({ kind: 'refused', failure, retryAfterSeconds: 40, host: 'archive.example.com' }, 'Android Archiver')
    .sentence;

describe('what the administrator reads when TeleMessage refuses', () => {
  it.each([
    ['invalid_credentials', "TeleMessage didn't accept this username or password."],
    ['suspended', 'This account is suspended. Ask TeleMessage to activate it.'],
    ['pin_required', 'This account needs a PIN. Use an administration account without one.'],
    ['kind_not_ordered', "Android Archiver isn't ordered for this account."],
    [
      'login_paused',
      'This username was refused several times. TeleMessage locks an account after five wrong passwords, so nothing was sent. Try again in 40 seconds.',
    ],
    ['throttled', 'TeleMessage asks us to wait. Try again in 40 seconds.'],
    ['unreachable', "We can't reach archive.example.com. Ask your network team to allow HTTPS to it."],
  ] as const)('%s', (failure, sentence) => {
    expect(refused(failure)).toBe(sentence);
  });

  it('has a sentence for every other failure too', () => {
    expect(refused('bad_answer')).toContain('archive.example.com');
    expect(loginRefusal({ kind: 'already_live', connectorName: 'Phones' }, 'Android Archiver').sentence).toContain(
      '"Phones"',
    );
  });
});
