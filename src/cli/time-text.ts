/** Milliseconds as one would write them: `10s`, `500ms`, `0`. */
export function timeText(ms: number): string {
  if (ms === 0) return "0";
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
