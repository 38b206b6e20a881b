import { readdirSync, readFileSync } from "node:fs";

/**
 * What a process and everything it started has cost, read from /proc. A proxy may be a master with
 * workers (nginx) or one process with many threads (Caddy, Bun); the kernel adds up threads, and this
 * adds up processes, so that all are counted alike.
 */

/** /proc counts in ticks of 1/100 s on every Linux that user space sees (USER_HZ). */
const MICROS_A_TICK = 10_000;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time in ticks, of the process and of its children that ended. */
  readonly ticks: number;
  /** Ticks from boot to start: together with the pid it names a process for good. */
  readonly startedAt: number;
}

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  readonly startedAt: number;
}

/** The process and its living descendants, parents first; empty if it is gone. */
export function processTree(root: number): ProcessId[] {
  return statsOfTree(root);
}

/** True while the very same process lives. */
export function isAlive(id: ProcessId): boolean {
  return readStat(id.pid)?.startedAt === id.startedAt;
}

/** User and system time of a process tree since it started, in microseconds. */
export function cpuMicros(root: number): number {
  return statsOfTree(root).reduce((sum, stat) => sum + stat.ticks, 0) * MICROS_A_TICK;
}

/** Time that all cores have not been idle since boot, also when the hypervisor had them, in microseconds. */
export function busyMicros(): number {
  const total =
    /^cpu +(.*)$/m
      .exec(readProc("stat") ?? "")?.[1]
      ?.split(" ")
      .map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = total;
  return (user + nice + system + irq + softirq + steal) * MICROS_A_TICK;
}

/** The sum of the peak resident sizes of a process tree, in bytes. Shared pages count in each process. */
export function peakMemoryBytes(root: number): number {
  return memoryOfTree(root, /^VmHWM:\s+(\d+) kB$/m);
}

/** The same of what is resident now. */
export function memoryBytes(root: number): number {
  return memoryOfTree(root, /^VmRSS:\s+(\d+) kB$/m);
}

/** How many files and sockets a process tree has open; those that processes share count in each. */
export function openFiles(root: number): number {
  let total = 0;
  for (const { pid } of statsOfTree(root)) {
    try {
      total += readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It ended in between.
    }
  }
  return total;
}

function memoryOfTree(root: number, line: RegExp): number {
  let total = 0;
  for (const { pid } of statsOfTree(root)) {
    const kibibytes = line.exec(readProc(`${pid}/status`) ?? "")?.[1];
    total += Number(kibibytes ?? 0) * 1024;
  }
  return total;
}

function statsOfTree(root: number): Stat[] {
  const first = readStat(root);
  if (first === undefined) return [];
  const all: Stat[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat !== undefined) all.push(stat);
  }
  const tree = [first];
  for (const parent of tree) tree.push(...all.filter((stat) => stat.parent === parent.pid));
  return tree;
}

function readStat(pid: number): Stat | undefined {
  const text = readProc(`${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // proc(5) numbers from 1; the field after the name is its third.
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    ticks: field(14) + field(15) + field(16) + field(17),
    startedAt: field(22),
  };
}

/** Undefined if the process ended between being listed and being read. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}
