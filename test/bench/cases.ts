import { EXCHANGES, type Exchange } from "./exchanges.ts";
import { keepAlive, type Traffic } from "./traffic.ts";

/** The cases that are measured: what clients ask for, and how. */

/** One kind of load. */
export interface Case extends Traffic {
  /** What `--case` calls it: what is special about it, then the connections. */
  readonly id: string;
  /** Whether a short run has it. */
  readonly isInShortRun: boolean;
}

/** The case that the chart shows, and that has every proxy in it. */
export const MAIN_CASE_ID = "100b-64";
/** Requests as browsers make them, from few clients and from many: the cases that most budgets are about. */
export const BROWSER_CASE_IDS = ["headers-64", "headers-1000"] as const;
/** Replies that are more than a packet. */
export const MEDIUM_REPLIES_CASE_ID = "10k-64";
/** Replies that are more than a buffer. */
export const LARGE_REPLIES_CASE_ID = "1m-64";

/** So many requests fit in a packet, and make what is done for each of them stand out. */
const PIPELINED = 8;

const { smallReply, mediumReply, largeReply, smallPost, largePost, browser } = EXCHANGES;
const shortToo = { isInShortRun: true } as const;
const perRequest = { isPersistent: false } as const;
const overTls = { hasTls: true } as const;

/** Every case, in the order they are measured: the main one first. */
export const CASES: readonly Case[] = [
  caseOf(MAIN_CASE_ID, smallReply, 64, shortToo),
  caseOf(BROWSER_CASE_IDS[0], browser, 64, shortToo),
  caseOf(BROWSER_CASE_IDS[1], browser, 1000, shortToo),
  caseOf("100b-1000", smallReply, 1000),
  caseOf("100b-5000", smallReply, 5000, shortToo),
  caseOf(MEDIUM_REPLIES_CASE_ID, mediumReply, 64, shortToo),
  caseOf(LARGE_REPLIES_CASE_ID, largeReply, 64, shortToo),
  caseOf("post-1k-64", smallPost, 64, shortToo),
  caseOf("post-1m-64", largePost, 64),
  caseOf("close-64", smallReply, 64, { ...perRequest, ...shortToo }),
  caseOf("pipelined-64", smallReply, 64, { pipelined: PIPELINED, ...shortToo }),
  caseOf("tls-64", smallReply, 64, { ...overTls, ...shortToo }),
  caseOf("tls-1m-64", largeReply, 64, overTls),
  caseOf("tls-close-64", smallReply, 64, { ...overTls, ...perRequest }),
];

/**
 * The cases that a word means: the one with this name, or all whose names begin with it, as `tls` does.
 * None if no name does.
 */
export function casesCalled(word: string): readonly Case[] {
  const exact = CASES.filter(({ id }) => id === word);
  return exact.length > 0 ? exact : CASES.filter(({ id }) => id.startsWith(`${word}-`));
}

/** Names a case for people. */
export function caseName({ exchange, connections, pipelined, isPersistent, hasTls }: Case): string {
  const parts = [
    `${exchange.name}${hasTls ? " over TLS" : ""}`,
    `${connections.toLocaleString("en")} connections`,
    ...(pipelined > 1 ? [`${pipelined} requests at a time`] : []),
    ...(isPersistent ? [] : ["a new one for each request"]),
  ];
  return parts.join(", ");
}

function caseOf(id: string, exchange: Exchange, connections: number, more: Partial<Case> = {}): Case {
  return { id, ...keepAlive(exchange, connections), isInShortRun: false, ...more };
}
