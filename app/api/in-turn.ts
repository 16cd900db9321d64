/** Mapping files are read a few at a time, whoever brings them: this is asked before a byte of a body is read. */
import type { FileTurns, Release } from '#lib/mapping/file-turns.ts';

const AGAIN_SECONDS = 5;

/**
 * @param work is given what gives the turn back; called or not, it is over with `work` unless it `keeps` it
 * @returns what `work` does; 503 with `{kind: 'busy'}` where it takes too long (`components/wizard/send-file.ts`)
 */
export async function inTurn(
  request: Request,
  turns: Pick<FileTurns, 'take'>,
  work: (turn: { readonly release: Release; keep(): void }) => Promise<Response>,
): Promise<Response> {
  let release: Release | null;
  try {
    release = await turns.take(request.signal);
  } catch {
    return nobodyHears();
  }
  if (release === null)
    return Response.json({ kind: 'busy' }, { status: 503, headers: { 'retry-after': String(AGAIN_SECONDS) } });
  let kept = false;
  const keep = () => {
    kept = true;
  };
  try {
    return await work({ release, keep });
  } catch (error) {
    if (request.signal.aborted) return nobodyHears();
    throw error;
  } finally {
    if (!kept) release();
  }
}

/** Whoever cancelled has gone. */
const nobodyHears = () => new Response(null, { status: 400 });
