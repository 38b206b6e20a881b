import type { Answer } from "../answer.ts";
import type { Command } from "../processes.ts";
import type { Tls } from "../tls.ts";
import type { Traffic } from "../traffic.ts";

/** Where a proxy is to be. */
export interface Place {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** Where its only backend listens on 127.0.0.1, in plain HTTP. */
  readonly backendPort: number;
  /** An empty directory of its own. */
  readonly directory: string;
  /** What it is to speak TLS to its clients with; undefined if it is to speak plain HTTP. */
  readonly tls?: Tls | undefined;
}

/**
 * Where a proxy takes part unless it is asked for: in every case; in all of a full run and the main one of
 * a short run; or in the main one alone.
 */
export type Presence = "every case" | "full run" | "main case";

/** Why a proxy has no part where clients do something; what it can do is left out. */
export interface Lacks {
  readonly tls?: string;
  /** Requests that do not wait for the answer to the one before. */
  readonly pipelining?: string;
  /** An answer that says it is the connection's last. */
  readonly closing?: string;
}

/** What a proxy does to requests and answers beyond what all do. */
export interface Additions {
  /** What the backend has to see of the fields in which such a proxy writes, as `ADDED_PATH` shows them. */
  readonly toRequests: RegExp;
  /** The names of fields that answers have to have, in lower case. */
  readonly toAnswers: readonly string[];
}

/** What a proxy on `Bun.serve` lacks. */
export const LACKS_OF_BUN_SERVE: Lacks = {
  pipelining: "Bun.serve drops pipelined requests",
  closing: "Bun.serve closes a connection without saying so, which wrk takes for an error",
};

/** A proxy that can be measured. */
export interface Contender {
  /** What `--only` calls it. */
  readonly id: string;
  /** What the tables call it. */
  readonly name: string;
  readonly presence: Presence;
  /** Whether it tells the backend of the client, which is work; the bare relay does not. */
  readonly forwardsClient: boolean;
  /** What it is measured for doing as well; most do nothing more. */
  readonly adds?: Additions;
  readonly lacks: Lacks;
  /** Why it cannot run here; undefined if it can. */
  missing(): string | undefined;
  /** Writes what it needs and returns the command that stays in the foreground. */
  command(place: Place): Command;
}

/** Why a proxy cannot be measured with such clients; undefined if it can. */
export function refusal({ lacks }: Contender, traffic: Traffic): string | undefined {
  const { hasTls, pipelined, isPersistent } = traffic;
  return (
    (hasTls ? lacks.tls : undefined) ??
    (pipelined > 1 ? lacks.pipelining : undefined) ??
    (isPersistent ? undefined : lacks.closing)
  );
}

/** What an answer of `ADDED_PATH` lacks of what a proxy has to add; undefined if it is all there. */
export function lackingIn({ toRequests, toAnswers }: Additions, answer: Answer): string | undefined {
  if (!toRequests.test(answer.body)) return `what is added to a request is "${answer.body}"`;
  const missing = toAnswers.filter((name) => !answer.headers.has(name));
  return missing.length === 0 ? undefined : `what is not added to an answer is ${missing.join(", ")}`;
}

/** Why a program of this name cannot run; undefined if it can. */
export function missingProgram(program: string): string | undefined {
  return Bun.which(program) === null ? `${program} is not installed` : undefined;
}
