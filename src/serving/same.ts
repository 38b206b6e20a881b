/**
 * Whether two values of a config say the same. Objects and lists are looked into; functions, regular expressions that
 * differ, and whatever else is no plain data are the same only if they are one.
 */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (one instanceof RegExp || other instanceof RegExp) return String(one) === String(other);
  if (Array.isArray(one) !== Array.isArray(other) || !isPlain(one) || !isPlain(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => Object.hasOwn(other, name) && isSame(member(one, name), member(other, name)));
}

/** A list, or an object as JSON has it: of a Map or a Set the keys tell nothing. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function member(object: object, name: string): unknown {
  return (object as Record<string, unknown>)[name];
}
