/** A config from a file: found, read, watched, and its mistakes told with their places. For src/cli alone. */
export { findConfigFile } from "./find.ts";
export { formatProblems, inFile } from "./formatted.ts";
export { readConfigFile } from "./read.ts";
export { ConfigFileError, type ConfigSource } from "./source.ts";
export { type FileWatch, type WatchDeps, watchFiles } from "./watch.ts";
