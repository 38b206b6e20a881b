// Written by `npm run docs` from the schemas: change those.

/** When a second try is begun beside one that has no answer yet. */
export type HedgeConfig = { readonly afterMs: number } | { readonly percentile: number };
