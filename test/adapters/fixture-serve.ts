/** How the programs that tests run take their clients' connections: by `FIXTURE_FRONT`, `http1` or the runtime's own. */
export const { serve } =
  process.env.FIXTURE_FRONT === "http1"
    ? await import("../../src/front/front.ts")
    : "Bun" in globalThis
      ? await import("../../src/adapters/bun.ts")
      : "Deno" in globalThis
        ? await import("../../src/adapters/deno.ts")
        : await import("../../src/adapters/node.ts");
