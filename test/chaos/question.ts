import { filledWith } from "../front/mixup/plan.ts";

/** What a client asks for. All of it follows from the id, so that whoever has one knows what belongs to it. */
export interface Question {
  /** `g` or `p` for the method, and a number that no other request has. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** The request's body; empty for a GET. */
  readonly body: string;
}

/** The longest body, in bytes: short enough that the kernel takes a whole message at once. */
const LONGEST_BYTES = 4_000;

/** The request with this number. Of ten, three are POSTs. */
export function questionOf(number: number): Question {
  const method = number % 10 < 3 ? "POST" : "GET";
  return questionFor(`${method === "POST" ? "p" : "g"}${number.toString(36).padStart(6, "0")}`);
}

/** The request with this id. */
export function questionFor(id: string): Question {
  if (id.startsWith("g")) return { id, method: "GET", body: "" };
  return { id, method: "POST", body: filledWith(id, 1 + (numberIn(id) % 700)) };
}

/** The body of a backend's answer to it. */
export function answerTo(id: string, backend: string): string {
  return filledWith(`${id}@${backend}`, (numberIn(id) * 37) % LONGEST_BYTES);
}

/** Whether the answer comes in chunks. */
export function isChunked(id: string): boolean {
  return numberIn(id) % 4 === 0;
}

function numberIn(id: string): number {
  return Number.parseInt(id.slice(1), 36);
}
