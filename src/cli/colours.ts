import { type ColorName, colors } from "consola/utils";

/** Colours text for one stream. */
export type Paint = (colour: ColorName, text: string) => string;

/** Text as it is: for pipes and files. */
export const plain: Paint = (_colour, text) => text;

/**
 * How text is coloured on a stream: not at all unless it is a terminal, nor where `NO_COLOR` is set
 * (no-color.org) or the terminal is a dumb one.
 */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  const { NO_COLOR, TERM } = process.env;
  const isColoured = stream.isTTY === true && (NO_COLOR ?? "") === "" && TERM !== "dumb";
  return isColoured ? (colour, text) => colors[colour](text) : plain;
}
