import type { PickerFactory } from "./picker.ts";
import { roundRobin } from "./round-robin.ts";

/** The name of an algorithm. */
export type Algorithm = "round-robin";

/** Every algorithm by the name that flags and config use. A new one is its file and a line here. */
export const PICKERS: Readonly<Record<Algorithm, PickerFactory>> = {
  "round-robin": roundRobin,
};

/** The names of all algorithms, for checking what a user wrote. */
export const ALGORITHMS = Object.keys(PICKERS) as readonly Algorithm[];
