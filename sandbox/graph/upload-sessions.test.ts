import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { UploadSessions } from './upload-sessions.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const HOUR = 3_600_000;

let database: DatabaseSync;
let uploads: UploadSessions;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  uploads = new UploadSessions(database);
});

const open = (now = NOW) =>
  uploads.open(
    {
      app: 'app',
      mailbox: 1,
      tenant: 't',
      owner: 'o',
      message: 7,
      folder: null,
      item: { attachmentType: 'file', name: 'clip', size: 6 },
    },
    now,
  );
/** `abcdef` in three chunks of two */
const fill = (token: string) => {
  for (const start of [0, 2, 4]) {
    const session = uploads.find(token, NOW);
    uploads.append(session, { start, end: start + 1 }, Buffer.from('abcdef'.slice(start, start + 2)));
  }
  return uploads.find(token, NOW);
};
const rows = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n;

describe('an upload session', () => {
  it('gives its bytes a chunk at a time, as they came', () => {
    const session = fill(open().token);
    expect(session.received).toBe(6);
    expect(uploads.sha256(session)).toBe(createHash('sha256').update('abcdef').digest('hex'));
    uploads.finish(session, 42, true);
    const chunks = [...(uploads.content(42) ?? [])].map((chunk) => Buffer.from(chunk).toString());
    expect(chunks).toEqual(['ab', 'cd', 'ef']);
    expect([...(uploads.content(42) ?? [])], 'and again').toHaveLength(3);
    expect(uploads.content(43)).toBeUndefined();
  });

  it('takes a range as a whole or not at all, and is cancelled likewise', () => {
    const { token } = fill(open().token);
    const dying = (statement: string, work: () => void) => {
      database.exec(`CREATE TEMP TRIGGER dies BEFORE ${statement} BEGIN SELECT RAISE(ABORT, 'died'); END`);
      expect(work).toThrow('died');
      database.exec('DROP TRIGGER dies');
    };
    const again = open();
    const append = () => uploads.append(again, { start: 0, end: 1 }, Buffer.from('ab'));
    dying('UPDATE ON graph_upload', append);
    expect(append()).toBe(2);
    dying('DELETE ON graph_upload', () => uploads.close(uploads.find(token, NOW)));
    uploads.finish(uploads.find(token, NOW), 1, true);
    expect(Buffer.concat([...(uploads.content(1) ?? [])]).toString()).toBe('abcdef');
  });

  it('is over when it is finished, cancelled or expired', () => {
    const [done, cancelled, expired] = [fill(open().token), open(), open()];
    uploads.finish(done, 1, true);
    uploads.close(cancelled);
    for (const [session, now] of [
      [done, NOW],
      [cancelled, NOW],
      [expired, later(HOUR + 1)],
    ] as const) {
      expect(() => uploads.find(session.token, now)).toThrow(expect.objectContaining({ status: 404 }));
    }
    expect(uploads.find(expired.token, later(HOUR)).token).toBe(expired.token);
  });

  it('leaves nothing behind: cancelled, expired, not kept, or with its attachment', () => {
    uploads.close(fill(open().token));
    uploads.finish(fill(open().token), 1, false);
    uploads.finish(fill(open().token), 2, true);
    uploads.forget(2);
    fill(open().token);
    const last = open(later(HOUR + 1));
    expect([rows('graph_upload'), rows('graph_upload_chunk')]).toEqual([1, 0]);
    uploads.close(last);
    expect(rows('graph_upload')).toBe(0);
  });

  it('keeps the content of attachments when it tidies up', () => {
    uploads.finish(fill(open().token), 5, true);
    open(later(2 * HOUR));
    expect([...(uploads.content(5) ?? [])]).toHaveLength(3);
  });
});
