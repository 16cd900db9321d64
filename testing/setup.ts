/** Runs before every test file: randomized tests draw from the run's seed, and print it when they fail. */
import { configureGlobal } from 'fast-check';
import { testSeed } from './seed.ts';

// fast-check takes a signed 32-bit seed.
configureGlobal({ seed: testSeed() | 0 });
