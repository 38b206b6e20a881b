import { DEFAULTS } from "../config/config.ts";
import { HEALTH_CHECK_DEFAULTS, PROBE_METHODS } from "../config/health-check.ts";
import { QUEUE_DEFAULTS } from "../config/queue.ts";
import { OUTLIER_DEFAULTS } from "../config/readiness.ts";
import type { Flags } from "./flags.ts";
import { timeText } from "./time-text.ts";

/** The flags of `lb serve` on how backends are checked. */
export const HEALTH_FLAGS = {
  "health-check-interval": {
    type: "string",
    valueHint: "TIME",
    description: "from one check to the next; a number is seconds",
    default: timeText(HEALTH_CHECK_DEFAULTS.intervalMs),
    key: "healthCheck.intervalMs",
  },
  "health-interval-down": {
    type: "string",
    valueHint: "TIME",
    description: "the same while a backend is down (default the same)",
    key: "healthCheck.intervalDownMs",
  },
  "health-path": {
    type: "string",
    valueHint: "PATH",
    description: "what a check asks for; if it cannot ask for /health, it asks for /",
    default: HEALTH_CHECK_DEFAULTS.path,
    key: "healthCheck.path",
  },
  "health-port": {
    type: "string",
    valueHint: "PORT",
    description: "the port that a check asks (default the backend's own)",
    key: "healthCheck.port",
  },
  "health-method": {
    type: "string",
    valueHint: "METHOD",
    description: `how: ${PROBE_METHODS.join(", ")}`,
    default: HEALTH_CHECK_DEFAULTS.method,
    key: "healthCheck.method",
  },
  "health-host": {
    type: "string",
    valueHint: "NAME",
    description: "the Host that a check asks for (default the backend's own)",
    key: "healthCheck.host",
  },
  "health-status": {
    type: "string",
    valueHint: "STATUS[,STATUS…]",
    description: "the statuses that are good: numbers and ranges",
    default: HEALTH_CHECK_DEFAULTS.status,
    key: "healthCheck.status",
  },
  "health-body": {
    type: "string",
    valueHint: "TEXT",
    description: "what a good answer has in the first 64 KiB of its body (default anything)",
    key: "healthCheck.body",
  },
  "health-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest wait for a check's answer",
    default: timeText(HEALTH_CHECK_DEFAULTS.timeoutMs),
    key: "healthCheck.timeoutMs",
  },
  "health-rise": {
    type: "string",
    valueHint: "N",
    description: "good checks in a row that bring a backend back",
    default: String(HEALTH_CHECK_DEFAULTS.rise),
    key: "healthCheck.rise",
  },
  "health-fall": {
    type: "string",
    valueHint: "N",
    description: "failed checks in a row that take a backend out",
    default: String(HEALTH_CHECK_DEFAULTS.fall),
    key: "healthCheck.fall",
  },
} as const satisfies Flags;

/** The flags of `lb serve` on what else decides who gets requests. */
export const READINESS_FLAGS = {
  "max-in-flight": {
    type: "string",
    valueHint: "N",
    description: "the most requests under way at each backend; 0 is no limit",
    default: String(DEFAULTS.maxInFlight),
    key: "maxInFlight",
  },
  "adaptive-concurrency": {
    type: "boolean",
    description: "let each backend's limit on requests under way follow how fast it answers",
    key: "adaptiveConcurrency",
  },
  queue: {
    type: "string",
    valueHint: "N",
    description:
      "the most requests that wait while all backends have so many; 0 is none: they get 503 at once",
    default: String(QUEUE_DEFAULTS.maxWaiting),
    key: "queue.maxWaiting",
  },
  "queue-timeout": {
    type: "string",
    valueHint: "TIME",
    description: "the longest that one waits for that; 0 is no limit but its other ones",
    default: timeText(QUEUE_DEFAULTS.timeoutMs),
    key: "queue.timeoutMs",
  },
  "outlier-consecutive": {
    type: "string",
    valueHint: "N",
    description:
      "502s, 503s, 504s, broken connections and time-outs in a row that eject a backend; 0 is never",
    default: String(OUTLIER_DEFAULTS.consecutiveGatewayFailures),
    key: "outlierDetection.consecutiveGatewayFailures",
  },
  "outlier-ejection-time": {
    type: "string",
    valueHint: "TIME",
    description: "how long the first ejection lasts; the second twice as long, and so on, up to 5m",
    default: timeText(OUTLIER_DEFAULTS.ejectionMs),
    key: "outlierDetection.ejectionMs",
  },
  "breaker-errors": {
    type: "string",
    valueHint: "PERCENT",
    description: "failures in 100 requests of 10s after which a backend is left alone for a time; 0 is never",
    default: "0",
    key: "circuitBreaker.errorPercent",
  },
  "slow-start": {
    type: "string",
    valueHint: "TIME",
    description: "how long a backend that comes back takes to get its whole share; 0 is at once",
    default: "0",
    key: "slowStart.windowMs",
  },
  overprovisioning: {
    type: "string",
    valueHint: "FACTOR",
    description:
      "how weak a tier gets before the next one helps, such as 1.4; 0 is when nothing is left of it",
    default: String(DEFAULTS.overprovisioning),
    key: "overprovisioning",
  },
  "panic-threshold": {
    type: "string",
    valueHint: "PERCENT",
    description: "with fewer backends available, all are tried; 0 is never; auto is 50, for four and more",
    default: DEFAULTS.panicThreshold,
    key: "panicThreshold",
  },
} as const satisfies Flags;
