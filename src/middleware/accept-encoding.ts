/** Which content coding a client is answered in (RFC 9110 §12.5.3). */

/** One of the codings that a client takes, and how gladly: a thousandth is the finest that there is (§12.4.2). */
interface Preference {
  readonly coding: string;
  readonly thousandths: number;
}

/** Nobody names more, and each costs a look. */
const MOST_PREFERENCES = 32;

const WEIGHT = /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * The coding to answer in.
 *
 * @param field `Accept-Encoding`; null if there is none. Then there is no coding: the field's absence allows any, yet
 *   those who do not send it are those who know none.
 * @param offered What can be had, the best first: that decides between those that the client takes equally gladly.
 * @returns Undefined for the answer as it is: if the client takes none of them, or that more gladly.
 */
export function chosenCoding<Coding extends string>(
  field: string | null,
  offered: readonly Coding[],
): Coding | undefined {
  if (field === null || field === "") return undefined;
  const preferences = readPreferences(field);
  const others = weightOf(preferences, "*", 0);
  let best: Coding | undefined;
  // As it is, an answer is always taken unless that is ruled out (§12.5.3): a coding must be wanted at least as much.
  let bestWeight = Math.max(1, weightOf(preferences, "identity", others));
  for (const coding of offered) {
    const weight = weightOf(preferences, coding, others);
    if (weight > bestWeight || (weight === bestWeight && best === undefined)) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

function weightOf(preferences: readonly Preference[], coding: string, otherwise: number): number {
  return preferences.find((preference) => preference.coding === coding)?.thousandths ?? otherwise;
}

/** An element that does not follow the grammar counts as not there: to guess would be to send what cannot be read. */
function readPreferences(field: string): Preference[] {
  const preferences: Preference[] = [];
  for (const element of field.split(",", MOST_PREFERENCES)) {
    const [name = "", weight, ...more] = element.split(";").map((part) => part.trim());
    if (name === "" || more.length > 0 || (weight !== undefined && !WEIGHT.test(weight))) continue;
    const thousandths = weight === undefined ? 1000 : Math.round(Number(weight.slice(2)) * 1000);
    preferences.push({ coding: plainName(name.toLowerCase()), thousandths });
  }
  return preferences;
}

/** The old name of gzip (RFC 9110 §8.4.1.3). */
function plainName(coding: string): string {
  return coding === "x-gzip" ? "gzip" : coding;
}
