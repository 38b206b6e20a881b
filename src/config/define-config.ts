import type { FileConfig } from "./types/file.ts";

/**
 * The same config; it gives an editor the types of its keys: `export default defineConfig({ … })`. It is checked where
 * it is loaded.
 */
export function defineConfig(config: FileConfig): FileConfig {
  return config;
}
