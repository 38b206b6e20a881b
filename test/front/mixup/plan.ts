import { type Random, seededRandom } from "../../../src/core/random.ts";

/** What is sent for a token. It follows from the token alone, so that whoever has one knows what belongs to it. */
export interface Asked {
  readonly token: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly framing: "none" | "length" | "chunked";
  /** The request's body; empty if there is none. */
  readonly body: string;
  /** How long the answer's body is, in bytes. */
  readonly answerBytes: number;
}

/** What a backend does with a request. */
export interface Reply {
  readonly framing: "length" | "chunked" | "close";
  /** In how many pieces it answers, each in a turn of the event loop of its own. */
  readonly pieces: number;
  /** Turns of the event loop before it answers. */
  readonly turns: number;
  readonly isInterim: boolean;
  /** What it does wrong, if anything. */
  readonly fault: Fault;
}

/** What goes wrong at a backend. */
export type Fault =
  | "none"
  /** It closes the connection after the answer, and has not said so. */
  | "closes"
  /** It closes the connection as soon as the request's head came. */
  | "resets at the head"
  /** It closes the connection when the request is whole. */
  | "resets unanswered"
  | "resets in its head"
  | "resets in its body"
  | "ends in its body"
  /** It answers before the request's body is whole, and reads on. */
  | "answers early"
  /** It does so, and closes the connection then, as it says. */
  | "answers early and ends"
  /** Behind its answer there is another, for a token that nobody sent. */
  | "says too much";

const METHODS = ["GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE"] as const;
const FAULTS: readonly Fault[] = [
  "closes",
  "closes",
  "resets at the head",
  "resets unanswered",
  "resets in its head",
  "resets in its body",
  "ends in its body",
  "answers early",
  "answers early and ends",
  "says too much",
];

/** The token with this number. All have the same length. */
export function tokenOf(number: number): string {
  return `t${number.toString(36).padStart(6, "0")}`;
}

/** What is sent for a token. */
export function askedFor(token: string, seed: number): Asked {
  const random = seededRandom(hash(token) ^ seed);
  const method = METHODS[random.below(METHODS.length)] as Asked["method"];
  const mayUpload = method === "POST" || method === "PUT" || (method !== "HEAD" && random.below(8) === 0);
  const framing = mayUpload ? (["length", "chunked"] as const)[random.below(2)] : "none";
  return {
    token,
    method,
    framing: framing ?? "none",
    body: framing === "none" ? "" : filledWith(token, size(random)),
    answerBytes: size(random),
  };
}

/** What a backend does when a token comes for the `times`-th time. */
export function replyTo(token: string, seed: number, times: number): Reply {
  const random = seededRandom(hash(`${token}/${times}`) ^ seed);
  const framing = (["length", "length", "chunked", "close"] as const)[
    random.below(random.below(4) === 0 ? 4 : 3)
  ];
  return {
    framing: framing ?? "length",
    pieces: random.below(3) === 0 ? 1 + random.below(6) : 1,
    turns: random.below(4) === 0 ? random.below(20) : 0,
    isInterim: random.below(16) === 0,
    fault: random.below(10) === 0 ? (FAULTS[random.below(FAULTS.length)] as Fault) : "none",
  };
}

/** So many bytes that nobody mistakes for another token's. */
export function filledWith(text: string, bytes: number): string {
  return `${text}.`.repeat(Math.ceil(bytes / (text.length + 1))).slice(0, bytes);
}

/** Mostly little, at times as much as is kept for another try, and seldom more than that. */
function size(random: Random): number {
  switch (random.below(32)) {
    case 0:
      return random.below(200_000);
    case 1:
    case 2:
      return random.below(20_000);
    case 3:
      return 0;
    default:
      return random.below(600);
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed >>> 0;
}
