import type { Figures } from "./figures.ts";

/** The figures of a run that measured nothing. */
export const NO_FIGURES: Figures = {
  date: "2000-12-31",
  machine: { cpu: "some", cores: 2, kernel: "6.1", bun: "1.4.5" },
  versions: [],
  pace: { rounds: 1, seconds: 1, warmUpSeconds: 1 },
  cases: [],
  workers: undefined,
  idle: undefined,
  endurance: undefined,
  picking: undefined,
  routing: undefined,
  middleware: undefined,
  coldStartMs: undefined,
};
