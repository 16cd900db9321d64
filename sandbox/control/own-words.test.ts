import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { answerInOwnWords } from './own-words.ts';

it('what the control API has no sentence for is not said in Fastify’s', async () => {
  const server = Fastify();
  answerInOwnWords(server);
  server.post('/reset', async () => ({}));
  const headers = { 'content-type': 'application/json', 'content-length': '9' };
  const answer = await server.inject({ method: 'POST', url: '/reset', headers, payload: '{}' });
  expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'The request cannot be read.' }]);
});
