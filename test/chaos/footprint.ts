import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "../system/process-tree.ts";

/** What a balancer holds, all its processes together. Linux only. */
export interface Footprint {
  /** Memory that is really there, in MiB. */
  readonly memoryMib: number;
  /** Open file descriptors. */
  readonly descriptors: number;
}

/** Reads it. */
export function footprintOf(pid: number): Footprint {
  const pids = [pid, ...childrenOf(pid)];
  const sum = (read: (pid: number) => number) => pids.reduce((total, one) => total + read(one), 0);
  return {
    memoryMib: sum((one) => {
      const status = readFileSync(`/proc/${one}/status`, "utf8");
      return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
    }),
    descriptors: sum((one) => readdirSync(`/proc/${one}/fd`).length),
  };
}
