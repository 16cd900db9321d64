/**
 * Answers that go wrong on their way out. Done at the response itself, below all that writes answers: Fastify, streams
 * with and without ranges, and oidc-provider, which passes Fastify by.
 */
import type { ServerResponse } from 'node:http';
import type { Fault } from './fault.ts';

type Call = (...args: readonly unknown[]) => unknown;
interface Calls {
  readonly writeHead: Call;
  readonly write: Call;
  readonly end: Call;
}

/** Prepares `response` for the fault, where it is one of its answer. To be called before anything is answered. */
export function spoilAnswer(response: ServerResponse, fault: Fault): void {
  const cut = (): void => {
    response.socket?.destroy();
  };
  if (fault.kind === 'reset-after') swallow(response, cut);
  if (fault.kind === 'no-answer') swallow(response, () => undefined);
  if (fault.kind === 'answer-late') hold(response, fault.ms);
  if (fault.kind === 'truncate') halve(response, cut);
  if (fault.kind === 'stall') halve(response, () => undefined);
}

/** Sends nothing, and calls `instead` as soon as there is an answer. */
function swallow(response: ServerResponse, instead: () => void): void {
  const answered = (): ServerResponse => {
    instead();
    return response;
  };
  Object.assign(response, { writeHead: answered, write: () => answered() && false, end: answered });
}

/** Keeps the answer for `ms` after it was begun, then sends it. */
function hold(response: ServerResponse, ms: number): void {
  const own = callsOf(response);
  const kept: { readonly name: keyof Calls; readonly args: readonly unknown[] }[] = [];
  const release = (): void => {
    Object.assign(response, own);
    for (const { name, args } of kept) own[name](...args);
    // whoever writes a stream was told to wait
    response.emit('drain');
  };
  const keep =
    (name: keyof Calls, result: unknown): Call =>
    (...args) => {
      if (kept.length === 0) setTimeout(release, ms);
      kept.push({ name, args });
      return result;
    };
  Object.assign(response, {
    writeHead: keep('writeHead', response),
    write: keep('write', false),
    end: keep('end', response),
  });
}

/** Sends the headers with the full length and half of the bytes, then calls `instead`. */
function halve(response: ServerResponse, instead: () => void): void {
  const own = callsOf(response);
  let announced: number | undefined;
  let left: number | undefined;
  let over = false;

  const send = (bytes: Uint8Array): unknown => {
    left ??= Math.floor((announced ?? Number(response.getHeader('content-length') ?? bytes.length)) / 2);
    if (bytes.length < left) {
      left -= bytes.length;
      return own.write(bytes);
    }
    over = true;
    if (left > 0) own.write(bytes.subarray(0, left), instead);
    else instead();
    return false;
  };
  Object.assign(response, {
    writeHead: (...args: readonly unknown[]) => {
      announced = lengthIn(args) ?? announced;
      return own.writeHead(...args);
    },
    write: (chunk: unknown) => !over && send(bytesOf(chunk)),
    end: (chunk?: unknown) => {
      if (!over) send(bytesOf(chunk));
      // an answer without bytes has no half
      if (!over) instead();
      over = true;
      return response;
    },
  });
}

function callsOf(response: ServerResponse): Calls {
  const { writeHead, write, end } = response;
  const bound =
    (call: (...args: never[]) => unknown): Call =>
    (...args) =>
      Reflect.apply(call, response, args);
  return { writeHead: bound(writeHead), write: bound(write), end: bound(end) };
}

/** `content-length` among the arguments of `writeHead`. */
function lengthIn(args: readonly unknown[]): number | undefined {
  for (const headers of args) {
    if (typeof headers === 'object' && headers !== null && 'content-length' in headers) {
      return Number(headers['content-length']);
    }
  }
  return undefined;
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  return typeof chunk === 'string' ? Buffer.from(chunk) : new Uint8Array();
}
