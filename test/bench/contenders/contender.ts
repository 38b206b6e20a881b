import type { Command } from "../processes.ts";

/** Where a proxy is to be. */
export interface Place {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** Where its only backend listens on 127.0.0.1. */
  readonly backendPort: number;
  /** An empty directory of its own. */
  readonly directory: string;
}

/** A proxy that can be measured. */
export interface Contender {
  readonly name: string;
  /** Whether it is one of those that JavaScript is written for, and not measured in every case. */
  readonly isPeer: boolean;
  /** Whether it tells the backend of the client, which is work; the bare relay does not. */
  readonly forwardsClient: boolean;
  /** Why it cannot run here; undefined if it can. */
  missing(): string | undefined;
  /** Writes what it needs and returns the command that stays in the foreground. */
  command(place: Place): Command;
}

/** Why a program of this name cannot run; undefined if it can. */
export function missingProgram(program: string): string | undefined {
  return Bun.which(program) === null ? `${program} is not installed` : undefined;
}
