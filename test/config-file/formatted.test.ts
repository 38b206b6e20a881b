import { expect, test } from "bun:test";
import { formatProblems, readConfigFile } from "../../src/config-file/index.ts";
import { TestFolder } from "./folder.ts";

const folder = new TestFolder();

const YAML = `retries: x
pools:
  api:
    retires: 1
    backends:
      - http://a:1
      - { url: ftp://b, wieght: 2 }
routes:
  - name: web
`;

const PROBLEMS = [
  { path: ["retires"], place: "config", message: "is not in the file" },
  { path: ["routes", 0, "pool"], place: "routes[0].pool", message: "found nothing, expected a pool" },
  {
    path: ["pools", "api", "backends", 1, "wieght"],
    place: "pools.api.backends[1]",
    message: 'found the unknown key "wieght"; did you mean weight?',
  },
  { path: ["pools", "api", "backends", 1, "url"], place: "pools.api.backends[1].url", message: "found ftp" },
  { path: ["pools", "api", "retires"], place: "pools.api", message: "found the unknown key" },
  { path: ["pools", "api", "healthCheck"], place: "pools.api.healthCheck", message: "found nothing" },
  { path: ["retries"], place: "retries", message: 'found "x"' },
  { path: [], place: "", message: "all of it is wrong" },
];

test("problems are told with their places, in their order", async () => {
  const file = folder.write("a.yaml", YAML);
  const told = formatProblems(PROBLEMS, await readConfigFile(file, {}));
  expect(told.map((line) => line.replace(`${file}:`, ""))).toEqual([
    "1:1: config: is not in the file",
    "1:1: all of it is wrong",
    '1:10: retries: found "x"',
    "3:3: pools.api.healthCheck: found nothing",
    "4:5: pools.api: found the unknown key",
    "7:16: pools.api.backends[1].url: found ftp",
    '7:25: pools.api.backends[1]: found the unknown key "wieght"; did you mean weight?',
    "9:5: routes[0].pool: found nothing, expected a pool",
  ]);
});

test("a program's are told with its name, in the order in which they are", async () => {
  const file = folder.write("a.mjs", "export default {};");
  const told = formatProblems(PROBLEMS.slice(-2), await readConfigFile(file, {}));
  expect(told).toEqual([`${file}: retries: found "x"`, `${file}: all of it is wrong`]);
});
