import type { Paint } from "../colours.ts";

/** What the demo shows of one server. */
export interface ServerView {
  readonly name: string;
  readonly port: number;
  /** `killed` if the server is gone; otherwise what the balancer thinks of it. */
  readonly state: "up" | "down" | "killed";
  /** Its part of the last seconds' requests, from 0 to 1. */
  readonly share: number;
  readonly requests: number;
  /** Tries that failed, nearly all of which another server then answered. */
  readonly failures: number;
  /** Moving average; null before the first answer. */
  readonly latencyMs: number | null;
}

/** What the demo shows. */
export interface DemoView {
  readonly url: string;
  readonly algorithm: string;
  readonly perSecond: number;
  readonly elapsedMs: number;
  readonly servers: readonly ServerView[];
  readonly clients: { readonly answers: number; readonly errors: number; readonly medianMs: number | null };
  /** The last things that happened, oldest first. */
  readonly events: readonly string[];
  /** Whether keys are read. */
  readonly hasKeys: boolean;
}

/** What is on a server's line besides its bar, in columns; the bar takes what is left, within limits. */
const FIXED_COLUMNS = 71;
const LEAST_BAR = 8;
const MOST_BAR = 40;

const BAR_COLOURS = ["cyan", "magenta", "yellow"] as const;

const SIGNS = {
  up: ["green", "●"],
  down: ["red", "○"],
  killed: ["red", "✖"],
} as const;

/**
 * The whole picture, as lines for a terminal.
 *
 * @param columns How wide the terminal is.
 */
export function picture(view: DemoView, columns: number, paint: Paint): string[] {
  const facts = [view.algorithm, `${view.perSecond} requests/s`, clockText(view.elapsedMs)];
  const barWidth = Math.min(MOST_BAR, Math.max(LEAST_BAR, columns - FIXED_COLUMNS));
  return [
    "",
    `  ${paint("bold", "lb demo")}  ${paint("cyan", view.url)}  ${paint("gray", facts.join("  "))}`,
    "",
    paint("gray", `${" ".repeat(35 + barWidth)}share  requests  failed    latency`),
    ...view.servers.map((server, index) => serverLine(server, index, barWidth, paint)),
    "",
    `  ${clientsLine(view, paint)}`,
    "",
    ...view.events.map((event) => `  ${paint("gray", event)}`),
    "",
    `  try    ${paint("cyan", `curl ${view.url}`)}   ${paint("cyan", `curl ${view.url}/lb-status`)}`,
    ...(view.hasKeys ? [`  keys   ${keysText(view.servers.length, paint)}`] : []),
    "",
  ];
}

/** The same in one line, for a pipe. */
export function summaryLine(view: DemoView): string {
  const servers = view.servers.map(
    ({ name, state, share, requests, failures, latencyMs }) =>
      `${name} ${state} ${percent(share)} ${requests} requests ${failures} failed tries ${latencyText(latencyMs)}`,
  );
  const { answers, errors } = view.clients;
  return [clockText(view.elapsedMs), ...servers, `clients ${answers} answers ${errors} errors`].join(" | ");
}

function serverLine(server: ServerView, index: number, barWidth: number, paint: Paint): string {
  const [colour, sign] = SIGNS[server.state];
  const filled = Math.round(server.share * barWidth);
  const bar =
    paint(BAR_COLOURS[index % BAR_COLOURS.length] ?? BAR_COLOURS[0], "█".repeat(filled)) +
    paint("gray", "░".repeat(barWidth - filled));
  const failures = String(server.failures).padStart(6);
  return [
    `  ${paint("bold", String(index + 1))}  ${paint(colour, sign)} ${server.name}`,
    paint("gray", `:${server.port}`.padEnd(6)),
    paint(colour, server.state.padEnd(6)),
    bar,
    percent(server.share).padStart(5),
    String(server.requests).padStart(8),
    server.failures > 0 ? paint("yellow", failures) : paint("gray", failures),
    latencyText(server.latencyMs).padStart(9),
  ].join("  ");
}

function clientsLine({ clients }: DemoView, paint: Paint): string {
  const errors = `${clients.errors} errors`;
  return [
    paint("bold", "clients"),
    paint("green", `${clients.answers} answers`),
    clients.errors === 0 ? paint("green", errors) : paint("red", errors),
    paint("gray", `median ${latencyText(clients.medianMs)}`),
  ].join("  ");
}

function keysText(servers: number, paint: Paint): string {
  const digits = Array.from({ length: servers }, (_, index) => paint("bold", String(index + 1))).join(" ");
  return `${digits} kill or revive that server   ${paint("bold", "q")} quit`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function latencyText(ms: number | null): string {
  return ms === null ? "-" : `${ms.toFixed(1)} ms`;
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}
