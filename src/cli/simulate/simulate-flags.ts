import { DISTRIBUTIONS } from "../../simulation/distribution.ts";
import { CALM } from "../../simulation/scenario.ts";
import type { Flags } from "../flags.ts";
import { READINESS_FLAGS } from "../readiness-flags.ts";
import { SERVE_FLAGS } from "../serve-flags.ts";
import { timeText } from "../time-text.ts";

/** How many backends there are if it is not said. */
export const DEFAULT_BACKENDS = 100;

/** What `--compare` takes for every algorithm that there is. */
export const ALL = "all";

/** The flags of `lb simulate`: first the traffic, then the backends and their troubles, then the policy as in `lb serve`. */
export const SIMULATE_FLAGS = {
  backends: {
    type: "string",
    valueHint: "N",
    description: "how many backends there are",
    default: String(DEFAULT_BACKENDS),
  },
  rps: {
    type: "string",
    valueHint: "N",
    description: "requests a second on average, each independent of the others",
    default: String(CALM.requestsPerSecond),
  },
  seconds: {
    type: "string",
    valueHint: "N",
    description: "how long requests come, in simulated seconds",
    default: String(CALM.durationMs / 1000),
  },
  seed: {
    type: "string",
    valueHint: "N",
    description: "what chance begins with: the same seed is the same run",
    default: String(CALM.seed),
  },
  clients: {
    type: "string",
    valueHint: "N",
    description: "how many clients there are, for algorithms that go by a key",
    default: String(CALM.clients),
  },
  post: {
    type: "string",
    valueHint: "SHARE",
    description: "requests that must not be sent twice, as a POST",
    default: shareText(CALM.postShare),
  },
  patience: {
    type: "string",
    valueHint: "TIME",
    description: "how long clients wait before they leave; 0 is for ever",
    default: timeText(CALM.patienceMs),
  },
  "service-time": {
    type: "string",
    valueHint: "TIME",
    description: "how long a backend works on a request, on average",
    default: timeText(CALM.serviceMs),
  },
  distribution: {
    type: "string",
    valueHint: "NAME",
    description: `how these times are spread: ${DISTRIBUTIONS.join(", ")}`,
    default: CALM.distribution,
  },
  concurrency: {
    type: "string",
    valueHint: "N",
    description: "how many requests a backend works on at once; others wait there",
    default: String(CALM.concurrency),
  },
  slow: {
    type: "string",
    valueHint: "SHARE",
    description: "backends that are slow, such as 5%",
    default: shareText(CALM.slowShare),
  },
  "slow-factor": {
    type: "string",
    valueHint: "N",
    description: "how many times longer these take",
    default: String(CALM.slowness),
  },
  crash: {
    type: "string",
    valueHint: "SHARE",
    description: "backends that crash and are started again, over and over",
    default: shareText(CALM.crashShare),
  },
  "crash-every": {
    type: "string",
    valueHint: "TIME",
    description: "how long these run, on average",
    default: timeText(CALM.crashEveryMs),
  },
  "restart-after": {
    type: "string",
    valueHint: "TIME",
    description: "how long these are then down",
    default: timeText(CALM.restartMs),
  },
  faulty: {
    type: "string",
    valueHint: "SHARE",
    description: "backends that do what the next four say",
    default: shareText(CALM.faultyShare),
  },
  refuse: {
    type: "string",
    valueHint: "SHARE",
    description: "of their connections, how many they refuse",
    default: shareText(CALM.refusals),
  },
  reset: {
    type: "string",
    valueHint: "SHARE",
    description: "of their requests, how many end in a closed connection",
    default: shareText(CALM.resets),
  },
  errors: {
    type: "string",
    valueHint: "SHARE",
    description: "of their requests, how many they answer with 500, and quickly",
    default: shareText(CALM.errors),
  },
  unavailable: {
    type: "string",
    valueHint: "SHARE",
    description: "of the others, how many they answer with 503, as quickly",
    default: shareText(CALM.unavailable),
  },
  algorithm: SERVE_FLAGS.algorithm,
  "hash-balance-factor": SERVE_FLAGS["hash-balance-factor"],
  compare: {
    type: "string",
    valueHint: "NAME[,NAME…]",
    description: `other algorithms to put through the same; ${ALL} is every one`,
    isList: true,
  },
  "health-check-interval": SERVE_FLAGS["health-check-interval"],
  "health-rise": SERVE_FLAGS["health-rise"],
  "health-fall": SERVE_FLAGS["health-fall"],
  ...READINESS_FLAGS,
  retries: SERVE_FLAGS.retries,
  "retry-on": SERVE_FLAGS["retry-on"],
  timeout: SERVE_FLAGS.timeout,
  "try-timeout": SERVE_FLAGS["try-timeout"],
  json: { type: "boolean", description: "print everything as JSON" },
  svg: { type: "string", valueHint: "FILE", description: "draw latencies and loads into this file" },
} as const satisfies Flags;

/** A share from 0 to 1 as one would write it: `5%`. */
export function shareText(share: number): string {
  return share === 0 ? "0" : `${Math.round(share * 10_000) / 100}%`;
}
