/**
 * What phones attach: a catalogue of contents, each known by its kind and a variant number. Contents are made when they
 * are asked for; size and SHA-256 are remembered (a few hundred at most), bytes only while they are small and recent.
 * To describe all of them takes a second: `describeCatalogue` does it beside other work, before a feed is walked.
 */
import { createHash } from 'node:crypto';
import type { AttachmentContent } from '../item.ts';
import { inTurns } from '../turns.ts';
import { drawChart } from './chart.ts';
import { writePdf, writeVcard } from './documents.ts';
import { drawPhoto } from './photo.ts';
import { readVideo, videoSize } from './video.ts';
import { recordTones } from './wav.ts';

interface Format {
  readonly contentType: string;
  readonly variants: number;
  /** a file name, where `n` makes it look like one of many */
  readonly name: (n: number) => string;
  /** the whole content, for all that is small */
  readonly make: ((variant: number) => Steps<Buffer>) | null;
}

/** Work that can be left off between its steps. */
type Steps<T> = Generator<void, T>;

/** In one step, since it is made in a few milliseconds. */
const atOnce = (make: (variant: number) => Buffer) =>
  function* (variant: number): Steps<Buffer> {
    yield;
    return make(variant);
  };

const formats = {
  photo: { contentType: 'image/jpeg', variants: 12, name: (n) => `IMG_${4000 + (n % 5000)}.jpg`, make: drawPhoto },
  chart: {
    contentType: 'image/png',
    variants: 24,
    name: (n) => `chart-${100 + (n % 900)}.png`,
    make: atOnce(drawChart),
  },
  voice: {
    contentType: 'audio/wav',
    variants: 12,
    name: (n) => `PTT-${1000 + (n % 9000)}.wav`,
    make: atOnce((variant) => recordTones(variant, 3 + (variant % 6))),
  },
  recording: {
    contentType: 'audio/wav',
    variants: 20,
    name: (n) => `call-${10_000 + (n % 90_000)}.wav`,
    make: atOnce((variant) => recordTones(1_000 + variant, recordingSeconds(variant))),
  },
  pdf: {
    contentType: 'application/pdf',
    variants: 16,
    name: (n) => `scan-${1000 + (n % 9000)}.pdf`,
    make: atOnce(writePdf),
  },
  vcard: { contentType: 'text/vcard', variants: 10, name: () => 'contact.vcf', make: atOnce(writeVcard) },
  video: { contentType: 'video/mp4', variants: 3, name: (n) => `VID_${4000 + (n % 5000)}.mp4`, make: null },
} satisfies Record<string, Format>;

export type ContentKind = keyof typeof formats;

/** Seconds that the recording `variant` lasts: the call must say the same. */
export function recordingSeconds(variant: number): number {
  return 7 + ((variant * 13) % 78);
}

export function formatOf(kind: ContentKind): Format {
  return formats[kind];
}

const REMEMBERED_BYTES = 16 * 1024 * 1024;
const described = new Map<string, AttachmentContent>();
const byHash = new Map<string, AttachmentContent>();
/** least recently used first */
const recent = new Map<string, Buffer>();
let recentBytes = 0;

/** The content `variant` of a kind. The same numbers always give the same bytes. */
export function contentOf(kind: ContentKind, variant: number): AttachmentContent {
  return finished(contentInSteps(kind, variant));
}

let catalogue: Promise<void> | undefined;

/** Describes everything that phones attach, in turns with other work; at once when that was done before. */
export function describeCatalogue(): Promise<void> {
  catalogue ??= inTurns(describeAll());
  return catalogue;
}

function* describeAll(): Steps<void> {
  for (const [kind, { variants }] of Object.entries(formats)) {
    for (let variant = 0; variant < variants; variant += 1) if (isKind(kind)) yield* contentInSteps(kind, variant);
  }
}

function* contentInSteps(kind: ContentKind, variant: number): Steps<AttachmentContent> {
  const key = `${kind}/${variant}`;
  const known = described.get(key);
  if (known !== undefined) return known;
  const { make } = formats[kind];
  const content = yield* make === null ? videoContent(variant) : madeContent(key, () => make(variant));
  described.set(key, content);
  byHash.set(content.sha256, content);
  return content;
}

function isKind(name: string): name is ContentKind {
  return name in formats;
}

function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** A content that `contentOf` has described before, by its SHA-256. */
export function contentWithHash(sha256: string): AttachmentContent | undefined {
  return byHash.get(sha256);
}

function* madeContent(key: string, make: () => Steps<Buffer>): Steps<AttachmentContent> {
  const first = remembered(key, yield* make());
  return {
    size: first.byteLength,
    sha256: createHash('sha256').update(first).digest('hex'),
    read: (start, end) => [remembered(key, recent.get(key) ?? finished(make())).subarray(start, end)],
  };
}

function* videoContent(variant: number): Steps<AttachmentContent> {
  const size = videoSize(variant);
  const hash = createHash('sha256');
  for (const bytes of readVideo(variant, 0, size)) {
    hash.update(bytes);
    yield;
  }
  return { size, sha256: hash.digest('hex'), read: (start, end) => readVideo(variant, start, end) };
}

function remembered(key: string, bytes: Buffer): Buffer {
  if (!recent.delete(key)) recentBytes += bytes.byteLength;
  recent.set(key, bytes);
  for (const [oldest, old] of recent) {
    if (recentBytes <= REMEMBERED_BYTES || oldest === key) break;
    recent.delete(oldest);
    recentBytes -= old.byteLength;
  }
  return bytes;
}
