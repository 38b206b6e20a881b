// Written by `npm run docs` from the schemas: change those.
import type { Middleware } from "../../middleware/middleware.ts";
import type { BasicAuthConfig, IpAccessConfig, JwtConfig, RateLimitConfig } from "./middleware-access.ts";
import type {
  CompressionConfig,
  FaultsConfig,
  LimitsConfig,
  MaintenanceConfig,
  RespondConfig,
} from "./middleware-answers.ts";
import type {
  CorsConfig,
  RequestHeadersConfig,
  RequestIdConfig,
  ResponseHeadersConfig,
} from "./middleware-headers.ts";
import type {
  AddPrefixConfig,
  RedirectConfig,
  RewriteConfig,
  StripPrefixConfig,
} from "./middleware-paths.ts";

/**
 * What requests and answers pass through: a function, or an object with one key, the name of a middleware,
 * and its options.
 */
export type MiddlewareConfig =
  | Middleware
  | { readonly addPrefix: AddPrefixConfig }
  | { readonly basicAuth: BasicAuthConfig }
  | { readonly compression: CompressionConfig }
  | { readonly cors: CorsConfig }
  | { readonly faults: FaultsConfig }
  | { readonly ipAccess: IpAccessConfig }
  | { readonly jwt: JwtConfig }
  | { readonly limits: LimitsConfig }
  | { readonly maintenance: MaintenanceConfig }
  | { readonly rateLimit: RateLimitConfig }
  | { readonly redirect: RedirectConfig }
  | { readonly requestHeaders: RequestHeadersConfig }
  | { readonly requestId: RequestIdConfig }
  | { readonly respond: RespondConfig }
  | { readonly responseHeaders: ResponseHeadersConfig }
  | { readonly rewrite: RewriteConfig }
  | { readonly stripPrefix: StripPrefixConfig };
