/** A list field with one more element, or one more of the lines that it came on (RFC 9110 §5.3, §5.6.1). */
export function continued(before: string | null, element: string): string {
  return before === null ? element : `${before}, ${element}`;
}
