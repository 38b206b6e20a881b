/** A query parameter that makes no sense, in one sentence for the client. */
export class BadParameter extends Error {
  override readonly name = "BadParameter";
}

/**
 * Reads a whole number from the query.
 *
 * @param byDefault What it is when the parameter is not there.
 * @throws BadParameter if it is not a whole number from `least` to `most`.
 */
export function wholeNumberOf(
  url: URL,
  name: string,
  byDefault: number,
  least: number,
  most: number,
): number {
  const text = url.searchParams.get(name);
  if (text === null) return byDefault;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new BadParameter(`${name}: found "${text}", expected a whole number from ${least} to ${most}`);
}
