/** What somebody writes in an afternoon: one POST a message, one after the other. */
import { request } from 'undici';
import { message } from '../graph-messages.ts';
import { accessGraph } from './bare-run.ts';
import type { Cloud } from './site.ts';

/** Sends `count` messages into the mailboxes in turn. @returns messages a second */
export async function runScript(cloud: Cloud, count: number): Promise<number> {
  const { url, token, targets, dispatcher } = await accessGraph(cloud);
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    prefer: 'IdType="ImmutableId"',
  };
  const began = performance.now();
  for (let at = 0; at < count; at += 1) {
    const { user = '', folder = '' } = targets[at % targets.length] ?? {};
    const address = `${url}/v1.0/users/${user}/mailFolders/${folder}/messages`;
    const body = JSON.stringify(message(at));
    const answer = await request(address, { dispatcher, method: 'POST', headers, body });
    if (answer.statusCode !== 201) throw new Error(`a message was answered with ${answer.statusCode}`);
    await answer.body.json();
  }
  const seconds = (performance.now() - began) / 1_000;
  await dispatcher.close();
  return count / seconds;
}
