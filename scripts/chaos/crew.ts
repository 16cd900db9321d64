/** The workers of a round, and what a supervisor would do for them: one that is gone is started again. */
import { startWorker, type WorkerProcess } from '#workers/worker-process.fixture.ts';

export interface Member extends WorkerProcess {
  /** counts from 1 in the order of their starts */
  readonly number: number;
  paused: boolean;
}

export class Crew {
  readonly #env: Readonly<Record<string, string>>;
  readonly #logFile: string;
  readonly #members = new Set<Member>();
  readonly #expected = new Set<number>();
  #started = 0;
  #ending = false;
  /** how often one ended that nobody had killed */
  ownEnds = 0;

  constructor(env: Readonly<Record<string, string>>, logFile: string) {
    this.#env = env;
    this.#logFile = logFile;
  }

  get running(): readonly Member[] {
    return [...this.#members];
  }

  get awake(): readonly Member[] {
    return this.running.filter(({ paused }) => !paused);
  }

  byPid(pid: number): Member | undefined {
    return this.running.find((member) => member.pid === pid);
  }

  start(): Member {
    this.#started += 1;
    const process = startWorker(this.#env, this.#logFile);
    const member: Member = { ...process, number: this.#started, paused: false };
    this.#members.add(member);
    void process.gone.then(() => {
      this.#members.delete(member);
      if (this.#ending || this.#expected.has(member.number)) return;
      this.ownEnds += 1;
      this.start();
    });
    return member;
  }

  /** SIGKILL, and another in its place. */
  async kill(member: Member): Promise<void> {
    await this.killForGood(member);
    if (!this.#ending) this.start();
  }

  /** SIGKILL, and nobody in its place. */
  async killForGood(member: Member): Promise<void> {
    this.#expected.add(member.number);
    await member.kill();
  }

  pause(member: Member): void {
    member.paused = true;
    member.pause();
  }

  resume(member: Member): void {
    member.paused = false;
    member.resume();
  }

  /**
   * SIGTERM to all. One that takes longer than it may, by its own clock, ends with 1.
   *
   * @returns what went wrong with their ends, a line each
   */
  async stop(): Promise<string[]> {
    this.#ending = true;
    const ends = await Promise.all(
      this.running.map(async (member) => {
        if (member.paused) member.resume();
        const { code, early, ms } = await member.stop();
        if (code === 0 || early) return null;
        return `worker ${member.number} ended with code ${code} after ${Math.round(ms)} ms`;
      }),
    );
    return ends.filter((end) => end !== null);
  }

  /** SIGKILL to all. */
  async end(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.running.map((member) => member.kill()));
  }
}
