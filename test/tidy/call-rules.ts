import { matchingLines, type Problem, type Rule } from "./problem.ts";

const CLOCK = "time is handed in: take nowMs, or a Clock (src/core/clock.ts)";
const TIMER = "timers are the Clock's: use Clock.after (src/core/clock.ts)";
const CHANCE = "chance is handed in: take a Random (src/core/random.ts)";
const RUNTIME = "the core knows no runtime: hand in what it needs";
const SYNCHRONOUS = "the core is synchronous: decide here, and wait in src/proxy";

/** What would make a decision depend on anything but its arguments, and what to do instead. */
const BANNED_IN_CORE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/, CLOCK],
  [/\bperformance\b/, CLOCK],
  [/\b(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/, TIMER],
  [/\bMath\.random\b|\bcrypto\b/, CHANCE],
  [/\b(?:Bun|Deno|process|globalThis|navigator)\b/, RUNTIME],
  [/\bfetch\s*\(/, "the core sends nothing: that is the Transport's (src/transport/transport.ts)"],
  [/\bPromise\b|\basync\b|\bawait\b/, SYNCHRONOUS],
  [/\bconsole\b/, "the core writes no log: tell it through a callback, as Health does"],
];

/** Core decides, and nothing else; and so do the limits on rates. */
export const pureCore: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith("src/core/") || path.startsWith("src/rate-limit/"))
    .flatMap((file) =>
      BANNED_IN_CORE.flatMap(([pattern, advice]) =>
        matchingLines(file, file.bareCode, pattern, (match) => `${match.trim()}: ${advice}`),
      ),
    );

const CLOCKS =
  /\b(?:setTimeout|setInterval|setImmediate)\b|\bperformance\.now\b|\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bBun\.sleep\b|\bAbortSignal\.timeout\b/;

/** Who needs the runtime's own time, beside src/system.ts, and for what. */
const CLOCK_USERS: Readonly<Record<string, string>> = {
  "src/adapters/bun.ts": "a closing listener's grace is of the socket, not of a decision",
  "src/adapters/deno.ts": "the same",
  "src/adapters/node.ts": "the same, and a refused upload's last moments",
  "src/sockets/deno-listener.ts": "a breath after accepting failed, which no decision depends on",
  "src/test-server/endpoints.ts": "slow answers that are asked for",
};

/** Timers, clocks and chance come from src/system.ts. */
export const oneClock: Rule = (files) => {
  const used = new Set<string>();
  const problems = files
    .filter(({ path }) => path.startsWith("src/") && path !== "src/system.ts")
    .flatMap((file): Problem[] => {
      const found = matchingLines(
        file,
        file.bareCode,
        CLOCKS,
        (match) =>
          `${match}: take a Clock or Random; only src/system.ts asks the runtime. If this cannot be, list the file in test/tidy/call-rules.ts with the reason`,
      );
      if (found.length > 0) used.add(file.path);
      return file.path in CLOCK_USERS ? [] : found;
    });
  const idle = Object.keys(CLOCK_USERS).filter((path) => !used.has(path));
  const stale = idle.filter((path) => files.some((file) => file.path === path));
  return [
    ...problems,
    ...stale.map((path) => ({
      path,
      line: 1,
      advice: "needs no clock of its own any more: take it off the list in test/tidy/call-rules.ts",
    })),
  ];
};
