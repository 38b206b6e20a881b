// Written by `npm run docs` from the schemas: change those.
import type { HealthCheckConfig } from "./health-check.ts";

/** A backend's URL, with options. */
export interface BackendOptions {
  /** An origin, `http://host:port` or `https://host:port`, or a Unix socket, `unix:/run/app.sock`. */
  readonly url: string;
  /** Its share of the traffic relative to the others of its tier. Default 1. */
  readonly weight?: number;
  /** 0 is first choice; what tier 1 gets, and when, `overprovisioning` says. Default 0. */
  readonly tier?: number;
  /** The most requests under way there; 0 is no limit. Default: the pool's `maxInFlight`. */
  readonly maxInFlight?: number;
  /**
   * Whether it is to finish what it has and get nothing new; its sessions it keeps for a while, if there is
   * `sticky`. Default `false`.
   */
  readonly drain?: boolean;
  /** What is different in its health checks. Default: nothing. */
  readonly healthCheck?: HealthCheckConfig;
}

/**
 * A backend: its URL, which may end in options (`http://a:1;weight=3;tier=1;max-in-flight=100;drain`), or an
 * object.
 */
export type BackendConfig = string | BackendOptions;
