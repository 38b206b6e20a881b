import { EXCHANGES, type Exchange } from "./exchanges.ts";

/** The cases that are measured: what is asked, and over how many connections. */

/** One kind of load. */
export interface Case {
  /** What `--cases` calls it. */
  readonly id: string;
  readonly exchange: Exchange;
  readonly connections: number;
  /** Whether a short run has it. */
  readonly isInShortRun: boolean;
  /** Whether a short run has the JavaScript peers in it. */
  readonly hasPeersInShortRun: boolean;
}

/** The case that the chart shows and most budgets are about. */
export const MAIN_CASE_ID = "100b-64";
/** The case of many connections that budgets are about. */
export const MANY_CLIENTS_CASE_ID = "100b-1000";
/** The case of large replies that a budget is about. */
export const LARGE_REPLIES_CASE_ID = "1m-64";

const { smallReply, mediumReply, largeReply, smallPost, largePost, browser } = EXCHANGES;

/** Every case, in the order they are measured: the main one first. */
export const CASES: readonly Case[] = [
  caseOf(MAIN_CASE_ID, smallReply, 64, { isShort: true, hasPeers: true }),
  caseOf(MANY_CLIENTS_CASE_ID, smallReply, 1000, { isShort: true }),
  caseOf("100b-5000", smallReply, 5000, { isShort: true }),
  caseOf("10k-64", mediumReply, 64),
  caseOf(LARGE_REPLIES_CASE_ID, largeReply, 64, { isShort: true }),
  caseOf("post-1k-64", smallPost, 64, { isShort: true }),
  caseOf("post-1m-64", largePost, 64),
  caseOf("browser-64", browser, 64, { isShort: true }),
];

/** Names a case for people. */
export function caseName({ exchange, connections }: Case): string {
  return `${exchange.name}, ${connections.toLocaleString("en")} connections`;
}

function caseOf(
  id: string,
  exchange: Exchange,
  connections: number,
  { isShort = false, hasPeers = false } = {},
): Case {
  return { id, exchange, connections, isInShortRun: isShort, hasPeersInShortRun: hasPeers };
}
