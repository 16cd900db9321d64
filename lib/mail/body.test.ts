import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitText, htmlBody, NOTES_LINE, textBody, textOfBody, withLineFeeds } from './body.ts';

/** Texts with everything that a body could stumble over. */
const trickyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('\r\n', '\n', '\r', '\n\n', NOTES_LINE, `\n\n${NOTES_LINE}\n`, `${NOTES_LINE}\n- note`, '</div>'),
      fc.constantFrom('<div style="white-space: pre-wrap">', '&amp;', '&lt;b&gt;', ' ', '\t', '\u2028', '"', "'"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const notes = fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 });
const lead = ['Incoming call from Ben', 'Outcome: answered'];

/** What a body promises to keep of a text. */
function kept(text: string): string {
  return withLineFeeds(text).replaceAll('\0', '\ufffd').toWellFormed();
}

describe('the text of a message', () => {
  test('comes back out of a text body, whatever is in it', () => {
    fc.assert(
      fc.property(trickyText, notes, (text, said) => {
        const body = textBody({ lead: [], text: fitText(text).text, notes: said });
        expect(textOfBody(body, 'sms')).toBe(kept(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('comes back out of an HTML body, whatever is in it', () => {
    fc.assert(
      fc.property(trickyText, notes, (text, said) => {
        const image = { contentId: 'image-1', name: '"><script>.jpg' };
        const body = htmlBody({ lead, text: fitText(text).text, notes: said }, [image]);
        expect(textOfBody(body, 'mms')).toBe(kept(text));
        expect(body.content).not.toContain('<script');
      }),
      { numRuns: 1000 },
    );
  });

  test("comes back from behind a call's lines", () => {
    fc.assert(
      fc.property(trickyText, notes, (text, said) => {
        const body = textBody({ lead, text: fitText(text).text, notes: said });
        expect(textOfBody(body, 'callLog')).toBe(kept(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a text body', () => {
  test('without notes is the text and nothing else', () => {
    expect(textBody({ lead: [], text: ' two\nlines ', notes: [] })).toEqual({
      contentType: 'text',
      content: ' two\r\nlines ',
    });
  });

  test('has its notes behind a line', () => {
    expect(textBody({ lead: [], text: 'hi', notes: ['one', 'two'] }).content).toBe(
      `hi\r\n\r\n${NOTES_LINE}\r\n- one\r\n- two`,
    );
  });
});

describe('fitText', () => {
  test('replaces what mail cannot carry, and says so', () => {
    expect(fitText('a\0b\ud800c')).toEqual({ text: 'a\ufffdb\ufffdc', replaced: true, cut: false });
    expect(fitText('a\u0001b😀')).toEqual({ text: 'a\u0001b😀', replaced: false, cut: false });
  });

  test('keeps a megabyte and cuts what is longer, between characters', () => {
    expect(fitText('x'.repeat(999_000)).cut).toBe(false);
    const long = fitText(`${'x'.repeat(159_999)}${'😀'.repeat(600_000)}`);
    expect(long).toMatchObject({ cut: true, replaced: false });
    expect(long.text.length).toBe(159_999);
  });
});
