import { createInterface } from "node:readline";

/** What a peer does when it is told to, by name. What it gives back goes to the test as JSON. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>;

/** Obeys the test: a line of JSON for each command, and one for each answer. */
export function obey(commands: Commands): void {
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const { id, command, argument } = JSON.parse(line) as { id: number; command: string; argument: never };
    try {
      console.log(JSON.stringify({ id, result: (await commands[command]?.(argument)) ?? null }));
    } catch (error) {
      console.log(JSON.stringify({ id, error: error instanceof Error ? error.stack : String(error) }));
    }
  });
}
