import { lstatSync, readlinkSync } from "node:fs";
import { isAbsolute, join, parse, resolve, sep } from "node:path";

/** As many as Linux follows (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * The folders in which something has to change for a path to lead to another file, or to none: the file's own, and that
 * of each symbolic link on the way. Kubernetes changes a ConfigMap by one of these, `..data`.
 */
export function foldersTo(path: string): Set<string> {
  const folders = new Set<string>();
  let links = 0;
  let at = parse(resolve(path)).root;
  const ahead = partsOf(resolve(path));
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(at, part);
    const target = links < MOST_LINKS ? linkTarget(next) : undefined;
    if (ahead.length === 0 || target !== undefined) folders.add(at);
    if (target === undefined) {
      at = next;
      continue;
    }
    links += 1;
    const whole = isAbsolute(target) ? target : join(at, target);
    at = parse(whole).root;
    ahead.unshift(...partsOf(whole));
  }
  return folders;
}

function partsOf(absolute: string): string[] {
  return absolute
    .slice(parse(absolute).root.length)
    .split(sep)
    .filter((part) => part !== "");
}

/** Where a symbolic link leads, or undefined for anything else. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    // Not there, or not to be seen: then its folder is what may change.
    return undefined;
  }
}
