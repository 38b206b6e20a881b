// Written by `npm run docs` from the schemas: change those.
import type { Middleware } from "../../middleware/middleware.ts";
import type { BasicAuthConfig, CorsConfig, IpAccessConfig, JwtConfig, LimitsConfig, RateLimitConfig } from "./middleware-access.ts";
import type { CompressionConfig, FaultsConfig, MaintenanceConfig, RequestHeadersConfig, RequestIdConfig, RespondConfig, ResponseHeadersConfig } from "./middleware-answers.ts";
import type { AddPrefixConfig, RedirectConfig, RewriteConfig, StripPrefixConfig } from "./middleware-paths.ts";

/**
 * What requests and their answers pass through: a function of yours, or an object with one key, the name of a
 * middleware that there is.
 */
export type MiddlewareConfig = Middleware | { readonly addPrefix: AddPrefixConfig } | { readonly basicAuth: BasicAuthConfig } | { readonly compression: CompressionConfig } | { readonly cors: CorsConfig } | { readonly faults: FaultsConfig } | { readonly ipAccess: IpAccessConfig } | { readonly jwt: JwtConfig } | { readonly limits: LimitsConfig } | { readonly maintenance: MaintenanceConfig } | { readonly rateLimit: RateLimitConfig } | { readonly redirect: RedirectConfig } | { readonly requestHeaders: RequestHeadersConfig } | { readonly requestId: RequestIdConfig } | { readonly respond: RespondConfig } | { readonly responseHeaders: ResponseHeadersConfig } | { readonly rewrite: RewriteConfig } | { readonly stripPrefix: StripPrefixConfig };
