import { describe, expect, test } from "bun:test";
import { parseArgs, UsageError } from "../../src/cli/args.ts";
import type { Flags } from "../../src/cli/flags.ts";

const FLAGS: Flags = {
  backends: { type: "string", description: "", valueHint: "URL[,URL…]", isList: true },
  port: { type: "string", description: "", valueHint: "PORT" },
  "health-path": { type: "string", description: "", valueHint: "PATH" },
  json: { type: "boolean", description: "" },
};

/** The values that a command line gives, as an object. */
function valuesOf(line: string): Record<string, readonly string[]> {
  const parsed = parseArgs(line === "" ? [] : line.split(" "), FLAGS, "lb serve");
  if (parsed.asks !== "run") throw new Error(`asks for ${parsed.asks}`);
  return Object.fromEntries(parsed.values);
}

/** The sentence that a command line is refused with. */
function mistakeOf(line: string): string {
  try {
    parseArgs(line.split(" "), FLAGS, "lb serve");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${line} was taken`);
}

describe("one dash or two, a space or =, all the same:", () => {
  for (const line of ["-port 80", "-port=80", "--port 80", "--port=80"]) {
    test(line, () => expect(valuesOf(line)).toEqual({ port: ["80"] }));
  }
});

describe("values", () => {
  test("none", () => expect(valuesOf("")).toEqual({}));

  test("a switch takes none, unless after =", () => {
    expect(valuesOf("-json -port 80")).toEqual({ json: ["true"], port: ["80"] });
    expect(valuesOf("--json=false")).toEqual({ json: ["false"] });
  });

  test("a list grows, of others the last one counts", () => {
    expect(valuesOf("-backends a -port 1 --backends=b,c -port 2")).toEqual({
      backends: ["a", "b,c"],
      port: ["2"],
    });
  });

  test("may be empty, and may contain =", () => {
    expect(valuesOf("-port= -health-path=/a?b=c")).toEqual({ port: [""], "health-path": ["/a?b=c"] });
  });

  test("may begin with a dash, unless it is a flag or much like one", () => {
    expect(valuesOf("-port -1")).toEqual({ port: ["-1"] });
    expect(valuesOf("-health-path -something-quite-else")).toEqual({
      "health-path": ["-something-quite-else"],
    });
    expect(valuesOf("-health-path=-json")).toEqual({ "health-path": ["-json"] });
    expect(mistakeOf("-health-path -json")).toBe("--health-path: found no value, expected PATH");
    expect(mistakeOf("-health-path --jsom")).toBe("--health-path: found no value, expected PATH");
  });
});

describe("a flag with a letter, and one whose name can be left out", () => {
  const flags: Flags = {
    request: { type: "string", description: "", valueHint: "REQUEST" },
    header: { type: "string", description: "", valueHint: "FIELD", letter: "H", isList: true },
    client: { type: "string", description: "", valueHint: "ADDRESS" },
  };
  const read = (...words: string[]) => {
    const parsed = parseArgs(words, flags, "lb explain", "request");
    return parsed.asks === "run" ? Object.fromEntries(parsed.values) : parsed.asks;
  };

  test("are read wherever they stand", () => {
    expect(read("-H", "a: 1", "GET /", "-H=b: 2", "--header", "c: 3", "--client", "::1")).toEqual({
      header: ["a: 1", "b: 2", "c: 3"],
      request: ["GET /"],
      client: ["::1"],
    });
    expect(read("--request", "GET /")).toEqual({ request: ["GET /"] });
    expect(read("-h")).toBe("help");
  });

  test.each([
    [["GET /", "POST /"], 'lb explain: found "POST /" after "GET /", expected one REQUEST'],
    [["--client", "-H", "a: 1"], "--client: found no value, expected ADDRESS"],
    [["GET /", "-H"], "--header: found no value, expected FIELD"],
    [["-X", "POST"], "-X: unknown flag, expected one of those that lb explain --help lists"],
    [["--", "GET /"], 'lb explain: found "--", expected a flag such as --request'],
  ])("%j is a mistake", (words, message) => {
    expect(() => read(...words)).toThrow(new UsageError(message));
  });
});

describe("help and version are asked for by", () => {
  for (const word of ["-h", "--h", "-help", "--help"]) {
    test(word, () => expect(parseArgs(["-port", "80", word], FLAGS, "lb")).toEqual({ asks: "help" }));
  }
  for (const word of ["-version", "--version"]) {
    test(word, () => expect(parseArgs([word], FLAGS, "lb")).toEqual({ asks: "version" }));
  }
});

describe("mistakes", () => {
  test("an unknown flag, with the nearest spelling", () => {
    expect(mistakeOf("--prot 80")).toBe("--prot: unknown flag; did you mean --port?");
    expect(mistakeOf("-halth-path=/x")).toBe("-halth-path: unknown flag; did you mean --health-path?");
    expect(mistakeOf("--PORT 80")).toBe("--PORT: unknown flag; did you mean --port?");
    expect(mistakeOf("--verson")).toBe("--verson: unknown flag; did you mean --version?");
    expect(mistakeOf("--zzz")).toBe("--zzz: unknown flag, expected one of those that lb serve --help lists");
  });

  test("names that every object has are no flags", () => {
    expect(mistakeOf("--constructor x")).toStartWith("--constructor: unknown flag");
    expect(mistakeOf("--__proto__ x")).toStartWith('lb serve: found "--__proto__"');
  });

  test("a missing value", () => {
    expect(mistakeOf("-port")).toBe("--port: found no value, expected PORT");
    expect(mistakeOf("-port -h")).toBe("--port: found no value, expected PORT");
    expect(mistakeOf("-backends --port 80")).toBe("--backends: found no value, expected URL[,URL…]");
  });

  test("words that belong to no flag", () => {
    for (const word of ["80", "-", "--", "---port", "-80"]) {
      expect(mistakeOf(`-json ${word}`)).toBe(
        `lb serve: found "${word}", expected a flag such as --backends`,
      );
    }
  });
});
