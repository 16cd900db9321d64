/** Remembers what a pure function said, for the few thousand questions that are asked again and again. */

/**
 * @param most answers that are kept; when there are as many, the older half goes
 */
export function remembered<A extends string, B extends string, R>(
  most: number,
  ask: (a: A, b: B) => R,
): (a: A, b: B) => R {
  const answers = new Map<string, R>();
  return (a, b) => {
    const key = `${b.length} ${b}${a}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(a, b);
    if (answers.size >= most) forgetHalf(answers);
    answers.set(key, answer);
    return answer;
  };
}

function forgetHalf(answers: Map<string, unknown>): void {
  let left = answers.size / 2;
  for (const key of answers.keys()) {
    if (left-- <= 0) return;
    answers.delete(key);
  }
}
