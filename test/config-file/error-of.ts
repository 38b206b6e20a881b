import { ConfigFileError } from "../../src/config-file/index.ts";

/** What a reading fails with; anything else than a `ConfigFileError` fails the test. */
export async function errorOf(reading: Promise<unknown>): Promise<ConfigFileError> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof ConfigFileError) return error;
    throw error;
  }
  throw new Error("expected a ConfigFileError, but the file was read");
}
