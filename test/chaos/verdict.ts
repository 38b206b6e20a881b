import type { Message } from "../front/mixup/message-reader.ts";
import type { BackendProcess } from "./backend-process.ts";
import type { Ending } from "./chaos-client.ts";
import { answerTo } from "./question.ts";
import type { Trouble } from "./unrest.ts";

/** How a backend's answer, or the balancer's own, came to be: what the run counts. */
export type Fate =
  | "answered"
  /** The backend's own 500 or 503. */
  | "refused by a backend"
  /** The balancer's 502: the backend was killed. */
  | "lost with a backend"
  /** The balancer's 504: the backend was stopped, or slow. */
  | "timed out"
  /** A violation. */
  | "failed";

/** A try that failed, as the balancer's log has it. */
interface FailedTry {
  readonly origin: string;
  readonly reason: string;
}

/** What the kernel, the event loops and the scheduler may take to bring things about, in milliseconds. */
const SLACK_MS = 500;

/** Judges what came of each request, by what all sides know of it. */
export class Verdict {
  /** Whatever must not happen. */
  readonly violations: string[] = [];
  /** How many requests of each method ended how. */
  readonly fates = new Map<string, number>();
  /** Why requests failed that must not, and how many for each. */
  readonly failures = new Map<string, number>();
  /** Tries that failed, by the balancer's log. */
  readonly failedTries: number;
  readonly #troubles: readonly Trouble[];
  readonly #tries = new Map<string, FailedTry[]>();
  readonly #received = new Map<string, number>();
  readonly #processed = new Map<string, number>();

  /** @param log The balancer's, at the level "debug". */
  constructor(backends: readonly BackendProcess[], troubles: readonly Trouble[], log: string) {
    this.#troubles = troubles;
    let failedTries = 0;
    for (const [, id = "", origin = "", reason = ""] of log.matchAll(FAILED_TRY)) {
      failedTries += 1;
      this.#tries.set(id, [...(this.#tries.get(id) ?? []), { origin, reason }]);
    }
    this.failedTries = failedTries;
    for (const { journal } of backends) for (const line of journal) this.#readJournal(line);
    for (const [word, counts] of [
      ["received", this.#received],
      ["processed", this.#processed],
    ] as const) {
      for (const [id, count] of counts) {
        if (count > 1) this.#violated(id, `was ${word} ${count} times`);
      }
    }
  }

  /** Judges one request. */
  judge(ending: Ending): void {
    const { method } = ending.question;
    const fate = this.#fateOf(ending);
    const name = `${method} ${fate}`;
    this.fates.set(name, (this.fates.get(name) ?? 0) + 1);
  }

  #fateOf(ending: Ending): Fate {
    const { answer, question } = ending;
    const { id, method } = question;
    if (typeof answer === "string") return this.#failed(ending, answer);
    const status = Number(answer.line.split(" ")[1]);
    if (status === 200) return this.#answered(ending, answer);
    const isOwn = answer.fields.get("content-type") === "application/problem+json";
    const refusal = `${status} by ${isOwn ? "the balancer" : "a backend"}`;
    if (method === "GET") return this.#failed(ending, refusal);
    const last = this.#tries.get(id)?.at(-1);
    const hasArrived = this.#received.has(id);
    if (!isOwn) {
      const isSo = this.#troubles.some(
        (trouble) => trouble.kind === String(status) && overlaps(trouble, ending),
      );
      if (answer.fields.get("x-id") !== id) return this.#failed(ending, "it has another one's answer");
      return isSo && hasArrived
        ? "refused by a backend"
        : this.#failed(ending, `${refusal} that was in no trouble`);
    }
    const troubles = this.#troubles.filter(
      (trouble) => trouble.backend.origin === last?.origin && overlaps(trouble, ending),
    );
    // The kernel may have taken it, and never have given it to a process that was killed.
    if (status === 502 && troubles.some((trouble) => wasKilled(trouble, ending)))
      return "lost with a backend";
    // The kernel of a stopped process takes it, and gives it to the process when that goes on.
    const isFrozen = troubles.some(({ kind }) => kind.startsWith("frozen"));
    const isSlow = hasArrived && troubles.some(({ kind }) => kind === "slow");
    if (status === 504 && (isFrozen || isSlow)) return "timed out";
    return this.#failed(ending, `${refusal}, and nothing says that it may have been processed`);
  }

  #answered(ending: Ending, { fields, body }: Message): Fate {
    const { id, method } = ending.question;
    if (fields.get("x-id") !== id || body !== answerTo(id, fields.get("x-backend") ?? "")) {
      return this.#failed(ending, `it was answered with ${fields.get("x-id")}: ${body.slice(0, 80)}`);
    }
    if (method === "POST" && !this.#processed.has(id))
      return this.#failed(ending, "200, and nobody processed it");
    return "answered";
  }

  #failed({ question: { id }, fromMs, untilMs }: Ending, why: string): "failed" {
    const at = `from ${fromMs.toFixed(0)} to ${untilMs.toFixed(0)}`;
    const known = `received ${this.#received.get(id) ?? 0}, processed ${this.#processed.get(id) ?? 0} times`;
    const tries = (this.#tries.get(id) ?? []).map(({ origin, reason }) => `${origin}: ${reason}`);
    const around = this.#troubles
      .filter((trouble) => trouble.fromMs <= untilMs && trouble.untilMs >= fromMs - SLACK_MS)
      .map(
        ({ backend, kind, ...its }) =>
          `${backend.origin} ${kind} ${its.fromMs.toFixed(0)}–${its.untilMs.toFixed(0)}`,
      );
    const kind = `${id.startsWith("p") ? "POST" : "GET"}: ${why}`;
    this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
    this.#violated(id, `${why}; ${at}; ${known}; tries: ${tries.join(", ")}; troubles: ${around.join(", ")}`);
    return "failed";
  }

  #readJournal(line: string): void {
    const [word = "", id = ""] = line.split(" ");
    if (word === "wrong") this.violations.push(line);
    const counts = word === "processed" ? this.#processed : this.#received;
    if (word !== "wrong") counts.set(id, (counts.get(id) ?? 0) + 1);
  }

  #violated(id: string, what: string): void {
    this.violations.push(`${id.startsWith("p") ? "POST" : "GET"} ${id}: ${what}`);
  }
}

const FAILED_TRY = /(?:GET|POST) http:\/\/\S*\/([gp]\w+) failed at (\S+): (.*)/g;

/** Whether a request was under way in this trouble. */
function overlaps({ fromMs, untilMs }: Trouble, ending: Ending): boolean {
  return fromMs <= ending.untilMs && untilMs + SLACK_MS >= ending.fromMs;
}

/** Whether the backend was killed while the request was under way. */
function wasKilled({ killedMs }: Trouble, ending: Ending): boolean {
  return killedMs <= ending.untilMs && killedMs + SLACK_MS >= ending.fromMs;
}
