import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FileWatch, watchFiles } from "../../src/config-file/index.ts";
import { POLL_MS, SETTLE_MS } from "../../src/config-file/watch.ts";
import { systemClock } from "../../src/system.ts";
import { within } from "../raw/within.ts";
import { VirtualClock } from "../simulation/virtual-clock.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();
let watches: FileWatch[] = [];

afterEach(() => {
  for (const watch of watches) watch.close();
  watches = [];
});

/** A watch by the system, and a promise of what it tells next. */
function systemWatch(...files: string[]) {
  let told = Promise.withResolvers<void>();
  let count = 0;
  const watch = watchFiles(
    files,
    () => {
      count += 1;
      told.resolve();
    },
    { clock: systemClock },
  );
  watches.push(watch);
  return {
    watch,
    count: () => count,
    /** Waits until a change is told that was made by `change`. */
    async tellsOf(change: () => void) {
      told = Promise.withResolvers();
      change();
      await within(10_000, "a change to be told", told.promise);
    },
  };
}

describe("the system's watches tell", () => {
  test("that a file is written to", async () => {
    const file = folder.write("write/a.yaml", "1");
    const { tellsOf, count } = systemWatch(file);
    await tellsOf(() => writeFileSync(file, "22"));
    await tellsOf(() => writeFileSync(file, "333"));
    expect(count()).toBe(2);
  });

  test("that another file takes its place, as editors do it", async () => {
    const file = folder.write("rename/a.yaml", "1");
    const { tellsOf } = systemWatch(file);
    for (const text of ["2", "3"]) {
      await tellsOf(() => renameSync(folder.write("rename/a.yaml~", text), file));
    }
  });

  test("that it goes, and that it comes back", async () => {
    const file = folder.write("go/a.yaml", "1");
    const { tellsOf } = systemWatch(file);
    await tellsOf(() => rmSync(file));
    await tellsOf(() => writeFileSync(file, "1"));
  });

  test("that Kubernetes puts a new ConfigMap in place", async () => {
    const mount = join(folder.path, "mount");
    folder.write("mount/..2026_1/lb.yaml", "1");
    symlinkSync("..2026_1", join(mount, "..data"));
    symlinkSync("..data/lb.yaml", join(mount, "lb.yaml"));
    const { tellsOf } = systemWatch(join(mount, "lb.yaml"));
    for (const next of [2, 3]) {
      await tellsOf(() => {
        folder.write(`mount/..2026_${next}/lb.yaml`, String(next));
        symlinkSync(`..2026_${next}`, join(mount, "..data_tmp"));
        renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
        rmSync(join(mount, `..2026_${next - 1}`), { recursive: true });
      });
    }
  });

  test("of files that are followed later", async () => {
    const first = folder.write("follow/a/a.ts", "1");
    const second = folder.write("follow/b/b.ts", "1");
    const { watch, tellsOf } = systemWatch(first);
    watch.follow([first, second]);
    await tellsOf(() => writeFileSync(second, "22"));
    await tellsOf(() => writeFileSync(first, "22"));
  });
});

/** A watch by hand: what the system tells is told by the test, and time passes as it says. */
function stagedWatch(files: string[], canWatch: (folder: string) => boolean = () => true) {
  const clock = new VirtualClock();
  const open = new Map<string, { onEvent: () => void; onError: () => void }>();
  let count = 0;
  const watch = watchFiles(
    files,
    () => {
      count += 1;
    },
    {
      clock,
      watchFolder(path, onEvent, onError) {
        if (!canWatch(path)) throw new Error("no watches left");
        open.set(path, { onEvent, onError });
        return { close: () => open.delete(path) };
      },
    },
  );
  watches.push(watch);
  return { clock, open, watch, count: () => count };
}

describe("what is told", () => {
  test("is once for all changes that come together", () => {
    const files = ["a", "b"].map((name) => folder.write(`once/${name}`, "1"));
    const { clock, open, count } = stagedWatch(files);
    const event = () => open.get(join(folder.path, "once"))?.onEvent();
    writeFileSync(files[0] as string, "22");
    event();
    event();
    expect(clock.pending).toBe(1);
    clock.advance(SETTLE_MS / 2);
    writeFileSync(files[1] as string, "22");
    event();
    // The first look sees another change, the second that it was the last.
    clock.advance(SETTLE_MS / 2);
    expect(count()).toBe(0);
    clock.advance(SETTLE_MS);
    expect(count()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("is nothing of other files, nor of a file that is again what it was", () => {
    const file = folder.write("other/a", "1");
    const { clock, open, count } = stagedWatch([file]);
    folder.write("other/b", "1");
    open.get(join(folder.path, "other"))?.onEvent();
    clock.advance(10 * SETTLE_MS);
    expect(count()).toBe(0);
  });

  test("is not put off for ever by a file that is written to all the time", () => {
    const file = folder.write("log/a", "");
    const { clock, open, count } = stagedWatch([file]);
    open.get(join(folder.path, "log"))?.onEvent();
    let looks = 0;
    while (count() === 0 && looks < 100) {
      looks += 1;
      writeFileSync(file, "x".repeat(looks));
      clock.advance(SETTLE_MS);
    }
    expect(looks).toBe(20);
  });

  test("is nothing once it is closed, and nothing is left of it", () => {
    const file = folder.write("closed/a", "1");
    const { clock, open, watch, count } = stagedWatch([file, join(folder.path, "nowhere/b")]);
    const { onEvent, onError } = open.get(join(folder.path, "closed")) as {
      onEvent(): void;
      onError(): void;
    };
    writeFileSync(file, "22");
    onEvent();
    watch.close();
    watch.close();
    onEvent();
    onError();
    watch.follow([file]);
    expect([clock.pending, open.size]).toEqual([0, 0]);
    clock.advance(10 * POLL_MS);
    expect(count()).toBe(0);
  });

  test("is told too where the system cannot watch, by looking every two seconds", () => {
    const file = folder.write("poll/a", "1");
    let canWatch = false;
    const { clock, open, count } = stagedWatch([file], () => canWatch);
    writeFileSync(file, "22");
    clock.advance(POLL_MS + SETTLE_MS);
    expect(count()).toBe(1);
    clock.advance(10 * POLL_MS);
    expect(count()).toBe(1);
    expect(clock.pending).toBe(1);
    canWatch = true;
    clock.advance(POLL_MS);
    expect([clock.pending, open.size]).toEqual([0, 1]);
  });

  test("is told of a folder that is made anew, or made only later", () => {
    const path = join(folder.path, "later");
    const { clock, open, count } = stagedWatch([join(path, "a")], (watched) => readable(watched));
    expect([clock.pending, open.size]).toEqual([1, 0]);
    for (const round of [1, 2]) {
      folder.write("later/a", "1");
      clock.advance(POLL_MS + SETTLE_MS);
      expect(count()).toBe(2 * round - 1);
      expect([clock.pending, open.size]).toEqual([0, 1]);
      renameSync(path, `${path}-${round}`);
      open.get(path)?.onEvent();
      clock.advance(SETTLE_MS);
      expect(count()).toBe(2 * round);
      expect([clock.pending, open.size]).toEqual([1, 0]);
    }
  });

  test("is told after the system loses a watch", () => {
    const file = folder.write("lost/a", "1");
    const { clock, open, count } = stagedWatch([file]);
    writeFileSync(file, "22");
    open.get(join(folder.path, "lost"))?.onError();
    clock.advance(SETTLE_MS);
    expect(count()).toBe(1);
    expect([clock.pending, open.size]).toEqual([0, 1]);
  });
});

describe("what is watched", () => {
  test("is the folder of each link on the way, and no other", () => {
    const target = folder.write("links/releases/1/lb.yaml", "1");
    mkdirSync(join(folder.path, "links/etc"));
    symlinkSync("releases/1", join(folder.path, "links/current"));
    symlinkSync("../current", join(folder.path, "links/etc/lb"));
    const { open } = stagedWatch([join(folder.path, "links/etc/lb/lb.yaml")]);
    const own = [...open.keys()].filter((path) => path.startsWith(folder.path));
    expect(own.sort()).toEqual([
      join(folder.path, "links"),
      join(folder.path, "links/etc"),
      join(target, ".."),
    ]);
  });

  test("ends at a link to itself", () => {
    mkdirSync(join(folder.path, "loop"));
    symlinkSync("a", join(folder.path, "loop/a"));
    const { open } = stagedWatch([join(folder.path, "loop/a")]);
    expect([...open.keys()]).toContain(join(folder.path, "loop"));
  });

  test("is at most 64 folders; the others are looked at", () => {
    const files = Array.from({ length: 80 }, (_, n) => folder.write(`many/${n}/a`, "1"));
    const { clock, open, watch, count } = stagedWatch(files);
    expect(open.size).toBe(64);
    const last = files.at(-1) as string;
    utimesSync(last, 1, 1);
    clock.advance(POLL_MS + SETTLE_MS);
    expect(count()).toBe(1);
    watch.follow(files.slice(0, 3));
    expect([clock.pending, open.size]).toEqual([0, 3]);
  });

  test("is at most a thousand files", () => {
    const files = Array.from({ length: 1_001 }, (_, n) => join(folder.path, "thousand", String(n)));
    folder.write("thousand/0", "");
    const { clock, open, count } = stagedWatch(files);
    folder.write("thousand/1000", "");
    open.get(join(folder.path, "thousand"))?.onEvent();
    clock.advance(SETTLE_MS);
    expect(count()).toBe(0);
    folder.write("thousand/999", "");
    open.get(join(folder.path, "thousand"))?.onEvent();
    clock.advance(SETTLE_MS);
    expect(count()).toBe(1);
  });
});

function readable(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
