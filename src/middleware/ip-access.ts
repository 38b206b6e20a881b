import { type Cidr, isInAny } from "../config/cidr.ts";
import { forbidden, problemResponse } from "../proxy/problem.ts";
import type { Middleware } from "./middleware.ts";

/** Whose requests are answered. */
export interface IpAccessRules {
  /** Nobody else's; if empty, everybody's. */
  readonly allow: readonly Cidr[];
  /** Not theirs, whatever `allow` says. */
  readonly deny: readonly Cidr[];
}

/**
 * Answers 403 to clients by their address, as far as trusted proxies say what it is. Whose address nobody knows, or
 * can read, may not pass.
 */
export function createIpAccess({ allow, deny }: IpAccessRules): Middleware {
  return function ipAccess(request, next, { clientAddress }) {
    const isAllowed = allow.length === 0 ? isInAny(ANYBODY, clientAddress) : isInAny(allow, clientAddress);
    if (!isAllowed || isInAny(deny, clientAddress)) return problemResponse(FORBIDDEN);
    return next(request);
  };
}

const ANYBODY: readonly Cidr[] = [
  { bytes: new Array<number>(4).fill(0), bits: 0 },
  { bytes: new Array<number>(16).fill(0), bits: 0 },
];

const FORBIDDEN = forbidden("Requests from this address are not answered.");
