import type { Backend } from "../backend.ts";
import { wordsOf } from "./fault-words.ts";
import type { Picker } from "./picker.ts";
import type { PickForecast, PickPreview, Prospect } from "./preview.ts";

/**
 * What a picker that somebody else has written says of its next picks. It is not asked to pick, since that would
 * change what it does next; if it has no preview, or a broken one, nobody can say, and the rule says why.
 *
 * @param ready The backends that it may pick.
 */
export function guardedPreview(own: Picker, ready: ReadonlySet<Backend>): PickPreview {
  let preview: PickPreview | undefined;
  let why = "a picker of your own that has no preview";
  try {
    preview = own.preview?.();
  } catch (error) {
    // Told to whoever asked, in place of the forecast.
    why = `a picker of your own, whose preview threw ${wordsOf(error)}`;
  }
  return {
    next(key, nowMs, avoid) {
      if (preview === undefined) return unknown(why);
      try {
        const forecast: unknown = preview.next(key, nowMs, avoid);
        return isForecast(forecast, ready)
          ? forecast
          : unknown(
              "a picker of your own, whose preview gave something else than a forecast of ready backends",
            );
      } catch (error) {
        return unknown(`a picker of your own, whose preview threw ${wordsOf(error)}`);
      }
    },
  };
}

function unknown(rule: string): PickForecast {
  return { rule, prospects: [] };
}

/** It may come from a program that nothing has checked. */
function isForecast(given: unknown, ready: ReadonlySet<Backend>): given is PickForecast {
  const { rule, prospects } = (given ?? {}) as { rule?: unknown; prospects?: unknown };
  return (
    typeof rule === "string" &&
    Array.isArray(prospects) &&
    prospects.every((prospect) => isProspect(prospect, ready))
  );
}

function isProspect(given: unknown, ready: ReadonlySet<Backend>): given is Prospect {
  const { backend, chance, score, reason } = (given ?? {}) as Partial<Prospect>;
  return (
    backend !== undefined &&
    ready.has(backend) &&
    typeof chance === "number" &&
    chance >= 0 &&
    chance <= 1 &&
    typeof score === "string" &&
    typeof reason === "string"
  );
}
