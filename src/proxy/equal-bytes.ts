/**
 * Whether two secrets are the same. Looks at all bytes, wherever the first difference is: how long it takes must tell
 * nothing of what was expected.
 */
export function areEqualBytes(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < expected.length; index++) {
    difference |= (given[index] ?? 0) ^ (expected[index] as number);
  }
  return difference === 0;
}
